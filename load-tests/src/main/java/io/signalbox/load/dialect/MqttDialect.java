package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** MQTT 3.1.1 with quality of service 0: one subscription for each agent. */
final class MqttDialect implements Dialect {
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int SUBACK = 9;
    private static final int PINGRESP = 13;

    private final Agents agents;

    MqttDialect(Agents agents) {
        this.agents = agents;
    }

    @Override
    public void begin(ByteBuf out) {
        byte[] id = ("load-" + agents.first()).getBytes(StandardCharsets.US_ASCII);
        out.writeByte(0x10);
        writeLength(out, 10 + 2 + id.length);
        out.writeShort(4).writeBytes("MQTT".getBytes(StandardCharsets.US_ASCII));
        // Version 4, clean session, no keep-alive.
        out.writeByte(4).writeByte(2).writeShort(0);
        out.writeShort(id.length).writeBytes(id);
    }

    private static void writeLength(ByteBuf out, int length) {
        int rest = length;
        while (rest >= 0x80) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) throws DialectException {
        while (in.readableBytes() >= 2) {
            int at = in.readerIndex() + 1;
            int length = 0;
            int shift = 0;
            byte next;
            do {
                if (at >= in.writerIndex()) {
                    return;
                }
                next = in.getByte(at++);
                length |= (next & 0x7f) << shift;
                shift += 7;
            } while (next < 0);
            if (at + length > in.writerIndex()) {
                return;
            }
            packet(in, (in.getByte(in.readerIndex()) & 0xff) >>> 4, at, length, out, events);
            in.readerIndex(at + length);
        }
    }

    private void packet(ByteBuf in, int kind, int at, int length, ByteBuf out, Events events) throws DialectException {
        switch (kind) {
            case CONNACK -> {
                if (in.getByte(at + 1) != 0) {
                    throw new DialectException("CONNECT refused with " + in.getByte(at + 1));
                }
                subscribe(out);
            }
            case SUBACK -> {
                for (int code = at + 2; code < at + length; code++) {
                    if (in.getByte(code) < 0) {
                        throw new DialectException("SUBSCRIBE refused");
                    }
                }
                events.ready();
            }
            case PUBLISH -> {
                int topic = in.getUnsignedShort(at);
                int payload = topic + 2;
                int to = Agents.ofAddress(in.toString(at + 2, topic, StandardCharsets.US_ASCII));
                byte[] bytes = Scratch.copy(in, at + payload, length - payload);
                events.received(to == Stamp.TO_ALL ? agents.first() : to, bytes, 0, length - payload);
            }
            case PINGRESP -> {}
            default -> throw new DialectException("unexpected packet of kind " + kind);
        }
    }

    private void subscribe(ByteBuf out) {
        StringBuilder addresses = new StringBuilder();
        int count = agents.count() + (agents.fanOut() ? 1 : 0);
        for (int i = 0; i < count; i++) {
            String address = Agents.address(i < agents.count() ? agents.first() + i : Stamp.TO_ALL);
            addresses
                    .append((char) (address.length() >> 8))
                    .append((char) (address.length() & 0xff))
                    .append(address)
                    .append('\0');
        }
        out.writeByte(0x82);
        writeLength(out, 2 + addresses.length());
        out.writeShort(1);
        out.writeCharSequence(addresses, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        String address = Agents.address(to);
        out.writeByte(0x30);
        writeLength(out, 2 + address.length() + payload.length);
        out.writeShort(address.length());
        ByteBufUtil.writeAscii(out, address);
        out.writeBytes(payload);
    }
}
