package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Plain Redis: each message is an {@code XADD} to a stream of its receiver, which keeps about the last thousand. Answers come
 * in the order of the commands; nothing is delivered.
 */
final class RedisDialect implements Dialect {
    private static final byte[] COMMAND = ascii("*8\r\n$4\r\nXADD\r\n");
    private static final byte[] LIMIT = ascii("$6\r\nMAXLEN\r\n$1\r\n~\r\n$4\r\n1000\r\n$1\r\n*\r\n$1\r\nm\r\n");
    private static final byte[] LINE_END = ascii("\r\n");

    private final String password;
    private long[] unanswered = new long[1024];
    private int oldest;
    private int count;
    private boolean ready;

    RedisDialect(String password) {
        this.password = password;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void begin(ByteBuf out) {
        out.writeBytes(ascii("*2\r\n$4\r\nAUTH\r\n"));
        bulk(out, ascii(password));
    }

    private static void bulk(ByteBuf out, byte[] content) {
        out.writeByte('$').writeBytes(ascii(Integer.toString(content.length))).writeBytes(LINE_END);
        out.writeBytes(content).writeBytes(LINE_END);
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) throws DialectException {
        for (int end = endOfLine(in); end >= 0; end = endOfLine(in)) {
            byte kind = in.getByte(in.readerIndex());
            if (kind == '$' && endOfLine(in, end) < 0) {
                return; // the id that follows its length is not whole
            }
            String line = in.readCharSequence(end - in.readerIndex(), StandardCharsets.US_ASCII)
                    .toString()
                    .trim();
            if (kind == '$') {
                in.readerIndex(endOfLine(in));
            }
            answer(kind, line, events);
        }
    }

    private static int endOfLine(ByteBuf in) {
        return endOfLine(in, in.readerIndex());
    }

    /** Where the next line begins; -1: this one is not whole. */
    private static int endOfLine(ByteBuf in, int from) {
        int at = in.indexOf(from, in.writerIndex(), (byte) '\n');
        return at < 0 ? -1 : at + 1;
    }

    private void answer(byte kind, String line, Events events) throws DialectException {
        if (!ready) {
            if (!line.equals("+OK")) {
                throw new DialectException("refused: " + line);
            }
            ready = true;
            events.ready();
            return;
        }
        if (count == 0) {
            throw new DialectException("an answer to nothing: " + line);
        }
        long ref = unanswered[oldest];
        oldest = oldest + 1 & unanswered.length - 1;
        count--;
        if (kind == '$') {
            events.acknowledged(ref);
        } else {
            events.refused(ref, line);
        }
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        remember(Stamp.ref(payload));
        out.writeBytes(COMMAND);
        bulk(out, ascii(Agents.address(to)));
        out.writeBytes(LIMIT);
        bulk(out, payload);
    }

    private void remember(long ref) {
        if (count == unanswered.length) {
            long[] more = new long[2 * count];
            for (int i = 0; i < count; i++) {
                more[i] = unanswered[oldest + i & count - 1];
            }
            unanswered = more;
            oldest = 0;
        }
        unanswered[oldest + count++ & unanswered.length - 1] = ref;
    }
}
