package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;

/** Length and payload over TCP, which comes back as it went: what sockets and kernel cost by themselves. */
final class EchoDialect implements Dialect {
    private final Agents agents;

    EchoDialect(Agents agents) {
        this.agents = agents;
    }

    @Override
    public void begin(ByteBuf out) {
        // An empty message, whose echo says that the connection works.
        out.writeInt(0);
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) {
        while (in.readableBytes() >= 4 && in.readableBytes() >= 4 + in.getInt(in.readerIndex())) {
            int length = in.readInt();
            if (length == 0) {
                events.ready();
                continue;
            }
            byte[] bytes = Scratch.copy(in, in.readerIndex(), length);
            in.skipBytes(length);
            events.received(agents.first(), bytes, 0, length);
        }
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        out.writeInt(payload.length).writeBytes(payload);
    }
}
