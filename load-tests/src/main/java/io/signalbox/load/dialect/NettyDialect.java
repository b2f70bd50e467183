package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * The floor's wire: WebSocket frames that begin with the index of the receiving agent. The first frame of a connection
 * names its agents; nothing is checked.
 */
final class NettyDialect implements Dialect {
    private final Agents agents;
    private final WebSocketFraming framing = new WebSocketFraming();
    private boolean registered;

    NettyDialect(Agents agents) {
        this.agents = agents;
    }

    @Override
    public void begin(ByteBuf out) {
        WebSocketFraming.upgrade(out, "/", "");
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) throws DialectException {
        if (framing.upgradeDone(in)) {
            byte[] register = ByteBuffer.allocate(9)
                    .putInt(agents.first())
                    .putInt(agents.count())
                    .put((byte) (agents.fanOut() ? 1 : 0))
                    .array();
            framing.binary(out, register, register.length);
        }
        if (framing.isUpgraded()) {
            framing.read(in, out, (bytes, offset, length) -> frame(bytes, offset, length, events));
        }
    }

    private void frame(byte[] bytes, int offset, int length, Events events) {
        if (!registered) {
            registered = true;
            events.ready();
            return;
        }
        // Several messages may share a frame: index, length, payload.
        for (int at = offset; at < offset + length; ) {
            int to = ByteBuffer.wrap(bytes).getInt(at);
            int size = ByteBuffer.wrap(bytes).getInt(at + 4);
            events.received(to == Stamp.TO_ALL ? agents.first() : to, bytes, at + 8, size);
            at += 8 + size;
        }
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        byte[] frame = Scratch.toWrite(8 + payload.length);
        ByteBuffer.wrap(frame).putInt(to).putInt(payload.length).put(payload);
        framing.binary(out, frame, 8 + payload.length);
    }
}
