package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** NATS' text protocol: one subscription for each agent, its number in the subscription's id. */
final class NatsDialect implements Dialect {
    private static final byte[] CRLF = {'\r', '\n'};

    private final Agents agents;
    private boolean greeted;
    private boolean ready;

    NatsDialect(Agents agents) {
        this.agents = agents;
    }

    private static String subject(int agent) {
        return Agents.address(agent).replace('/', '.');
    }

    @Override
    public void begin(ByteBuf out) {
        // The server speaks first.
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) throws DialectException {
        while (true) {
            int end = ByteBufUtil.indexOf(in, in.readerIndex(), in.writerIndex(), (byte) '\n');
            if (end < 0 || !unit(in, end, out, events)) {
                return;
            }
        }
    }

    /** False: it is not whole yet. */
    private boolean unit(ByteBuf in, int end, ByteBuf out, Events events) throws DialectException {
        int begin = in.readerIndex();
        byte first = in.getByte(begin);
        if (first == 'M') {
            return message(in, begin, end, events);
        }
        String line = in.toString(begin, end - begin, StandardCharsets.US_ASCII).trim();
        in.readerIndex(end + 1);
        switch (line.split(" ", 2)[0]) {
            case "INFO" -> connect(out);
            case "PING" -> out.writeCharSequence("PONG\r\n", StandardCharsets.US_ASCII);
            case "PONG" -> {
                if (!ready) {
                    ready = true;
                    events.ready();
                }
            }
            case "+OK" -> {}
            default -> throw new DialectException(line);
        }
        return true;
    }

    private void connect(ByteBuf out) {
        if (greeted) {
            return;
        }
        greeted = true;
        StringBuilder text = new StringBuilder(
                "CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"load\",\"version\":\"1\",\"protocol\":1}\r\n");
        for (int i = 0; i < agents.count(); i++) {
            int agent = agents.first() + i;
            text.append("SUB ").append(subject(agent)).append(' ').append(i + 1).append("\r\n");
        }
        if (agents.fanOut()) {
            text.append("SUB ").append(subject(Stamp.TO_ALL)).append(" 0\r\n");
        }
        out.writeCharSequence(text.append("PING\r\n"), StandardCharsets.US_ASCII);
    }

    /** {@code MSG subject sid length}, then the payload. */
    private boolean message(ByteBuf in, int begin, int end, Events events) throws DialectException {
        int lengthAt = lastSpace(in, begin, end);
        int sidAt = lastSpace(in, begin, lengthAt);
        int length = number(in, lengthAt + 1, end);
        if (end + 1 + length + CRLF.length > in.writerIndex()) {
            return false;
        }
        int sid = number(in, sidAt + 1, lengthAt);
        byte[] bytes = Scratch.copy(in, end + 1, length);
        in.readerIndex(end + 1 + length + CRLF.length);
        events.received(agents.first() + Math.max(0, sid - 1), bytes, 0, length);
        return true;
    }

    private static int lastSpace(ByteBuf in, int from, int to) throws DialectException {
        for (int i = to - 1; i > from; i--) {
            if (in.getByte(i) == ' ') {
                return i;
            }
        }
        throw new DialectException("a MSG without its parts");
    }

    private static int number(ByteBuf in, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            byte digit = in.getByte(i);
            if (digit >= '0' && digit <= '9') {
                value = value * 10 + digit - '0';
            }
        }
        return value;
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        ByteBufUtil.writeAscii(out, "PUB ");
        ByteBufUtil.writeAscii(out, subject(to));
        ByteBufUtil.writeAscii(out, " ");
        ByteBufUtil.writeAscii(out, Integer.toString(payload.length));
        out.writeBytes(CRLF).writeBytes(payload).writeBytes(CRLF);
    }
}
