package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * JSON frames of the Vert.x event-bus bridge over SockJS' raw WebSocket. Its bodies are JSON, so a payload travels as
 * Base64; it is shortened before so that as many bytes go over the wire as with the other peers.
 */
final class BridgeDialect implements Dialect {
    private static final String BODY = "\"body\":\"";
    private static final String ADDRESS = "\"address\":\"";

    private final Agents agents;
    private final WebSocketFraming framing = new WebSocketFraming();
    private boolean ready;

    BridgeDialect(Agents agents) {
        this.agents = agents;
    }

    @Override
    public void begin(ByteBuf out) {
        WebSocketFraming.upgrade(out, "/eventbus/websocket", "");
    }

    @Override
    public void read(ByteBuf in, ByteBuf out, Events events) throws DialectException {
        if (framing.upgradeDone(in)) {
            for (int i = 0; i < agents.count(); i++) {
                register(out, agents.first() + i);
            }
            if (agents.fanOut()) {
                register(out, Stamp.TO_ALL);
            }
            // Registrations are not answered, but what is sent to oneself comes only once one is registered.
            text(out, "{\"type\":\"publish\"," + ADDRESS + Agents.address(agents.first()) + "\"," + BODY + "\"}");
        }
        if (framing.isUpgraded()) {
            framing.read(in, out, (bytes, offset, length) -> frame(bytes, length, events));
        }
    }

    private void register(ByteBuf out, int agent) {
        text(out, "{\"type\":\"register\"," + ADDRESS + Agents.address(agent) + "\",\"headers\":{}}");
    }

    private void text(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        framing.text(out, bytes, bytes.length);
    }

    private void frame(byte[] bytes, int length, Events events) throws DialectException {
        String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        int body = text.indexOf(BODY);
        int address = text.indexOf(ADDRESS);
        if (body < 0 || address < 0) {
            throw new DialectException(text);
        }
        if (!ready) {
            ready = true;
            events.ready();
            return;
        }
        int to = Agents.ofAddress(until(text, address + ADDRESS.length()));
        byte[] payload = Base64.getDecoder().decode(until(text, body + BODY.length()));
        events.received(to == Stamp.TO_ALL ? agents.first() : to, payload, 0, payload.length);
    }

    private static String until(String text, int begin) {
        return text.substring(begin, text.indexOf('"', begin));
    }

    @Override
    public void publish(ByteBuf out, int from, int to, byte[] payload) {
        byte[] shortened = Arrays.copyOf(payload, Math.max(Stamp.BYTES, payload.length / 4 * 3));
        text(
                out,
                "{\"type\":\"publish\"," + ADDRESS + Agents.address(to) + "\"," + BODY
                        + Base64.getEncoder().encodeToString(shortened) + "\"}");
    }
}
