package io.signalbox.load.dialect;

import static io.signalbox.load.dialect.WebSockets.ascii;
import static io.signalbox.load.dialect.WebSockets.content;
import static io.signalbox.load.dialect.WebSockets.joined;
import static io.signalbox.load.dialect.WebSockets.written;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.signalbox.codecs.proto.Attached;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Receipt;
import io.signalbox.codecs.proto.Welcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/** What each peer says and understands, by the protocols' documents. For one connection's agents. */
record FakeServer(Dialects dialect, Agents agents) {
    /** What a client published, as the server reads it. */
    record Published(String address, byte[] payload) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    /** All that is said until the client is ready. */
    byte[] handshake() {
        int subscriptions = agents.count() + (agents.fanOut() ? 1 : 0);
        return switch (dialect) {
            case SIGNALBOX ->
                joined(
                        WebSockets.UPGRADED,
                        frame(Entry.newBuilder().setWelcome(Welcome.newBuilder().setNode("node-1"))),
                        attached());
            case NETTY ->
                joined(
                        WebSockets.UPGRADED,
                        written(new BinaryWebSocketFrame(Unpooled.buffer().writeByte(1))));
            case ECHO -> new byte[4];
            case NATS -> ascii("INFO {\"server_id\":\"M\"} \r\nPING\r\n+OK\r\nPONG\r\n");
            case MQTT ->
                joined(
                        new byte[] {0x20, 2, 0, 0},
                        new byte[] {(byte) 0x90, (byte) (2 + subscriptions), 0, 1},
                        new byte[subscriptions]);
            case BRIDGE -> joined(WebSockets.UPGRADED, delivery(agents.first(), new byte[0]));
            case REDIS -> ascii("+OK\r\n");
        };
    }

    static byte[] frame(Entry.Builder... entries) {
        Frame.Builder frame = Frame.newBuilder();
        for (Entry.Builder entry : entries) {
            frame.addEntries(entry);
        }
        return written(
                new BinaryWebSocketFrame(Unpooled.wrappedBuffer(frame.build().toByteArray())));
    }

    private byte[] attached() {
        Entry.Builder[] answers = IntStream.rangeClosed(1, agents.count())
                .mapToObj(handle -> Entry.newBuilder()
                        .setAgent(handle)
                        .setRef(handle)
                        .setAttached(Attached.newBuilder().setId(Agents.id(agents.first() + handle - 1))))
                .toArray(Entry.Builder[]::new);
        return agents.fanOut()
                ? joined(frame(answers), frame(Entry.newBuilder().setRef(9).setReceipt(Receipt.getDefaultInstance())))
                : frame(answers);
    }

    /** A message on its way to an agent of this connection. */
    byte[] delivery(int to, byte[] payload) {
        String address = Agents.address(to);
        int handle = to == Stamp.TO_ALL ? 0 : to - agents.first() + 1;
        return switch (dialect) {
            case SIGNALBOX ->
                frame(Entry.newBuilder()
                        .setAgent(handle)
                        .setMessage(Message.newBuilder()
                                .setAddress(address)
                                .setSource("agent/load-1")
                                .setTime(1L << 50)
                                .putHeaders("a", "b")
                                .setPayload(ByteString.copyFrom(payload))));
            case NETTY ->
                written(new BinaryWebSocketFrame(
                        Unpooled.buffer().writeInt(to).writeInt(payload.length).writeBytes(payload)));
            case ECHO ->
                ByteBufUtil.getBytes(Unpooled.buffer().writeInt(payload.length).writeBytes(payload));
            case NATS ->
                joined(
                        ascii("MSG " + address.replace('/', '.') + " " + handle + " " + payload.length + "\r\n"),
                        payload,
                        ascii("\r\n"));
            case MQTT -> {
                int length = 2 + address.length() + payload.length;
                // Two bytes of length: 7 bits in each, the lowest first.
                yield ByteBufUtil.getBytes(Unpooled.buffer()
                        .writeByte(0x30)
                        .writeByte(length % 128 | 128)
                        .writeByte(length / 128)
                        .writeShort(address.length())
                        .writeBytes(ascii(address))
                        .writeBytes(payload));
            }
            case REDIS -> throw new IllegalArgumentException("Redis delivers nothing");
            case BRIDGE ->
                written(new TextWebSocketFrame("{\"type\":\"rec\",\"address\":\"" + address + "\",\"body\":\""
                        + Base64.getEncoder().encodeToString(payload) + "\"}"));
        };
    }

    Published published(ByteBuf out) throws IOException {
        return switch (dialect) {
            case SIGNALBOX -> {
                Message message = Frame.parseFrom(content(WebSockets.read(out).getFirst()))
                        .getEntries(0)
                        .getMessage();
                yield new Published(message.getAddress(), message.getPayload().toByteArray());
            }
            case NETTY -> {
                ByteBuf content = WebSockets.read(out).getFirst().content();
                yield new Published(Agents.address(content.readInt()), bytes(content, content.readInt()));
            }
            case ECHO -> new Published("", bytes(out, out.readInt()));
            case NATS -> {
                String line = out.readCharSequence(out.bytesBefore((byte) '\n') + 1, StandardCharsets.US_ASCII)
                        .toString();
                String[] words = line.trim().split(" ");
                byte[] payload = bytes(out, Integer.parseInt(words[2]));
                out.skipBytes(2);
                yield new Published(words[1].replace('.', '/'), payload);
            }
            case MQTT -> {
                int first = out.skipBytes(1).readUnsignedByte();
                int length = first < 128 ? first : first % 128 + 128 * out.readUnsignedByte();
                String topic = new String(bytes(out, out.readShort()), StandardCharsets.US_ASCII);
                yield new Published(topic, bytes(out, length - 2 - topic.length()));
            }
            case REDIS -> {
                // XADD, stream, MAXLEN, ~, limit, *, field, value: each behind its length.
                List<byte[]> words = new ArrayList<>();
                int count = Integer.parseInt(line(out).substring(1));
                for (int i = 0; i < count; i++) {
                    words.add(bytes(out, Integer.parseInt(line(out).substring(1))));
                    out.skipBytes(2);
                }
                yield new Published(new String(words.get(1), StandardCharsets.US_ASCII), words.get(7));
            }
            case BRIDGE -> {
                JsonNode json = JSON.readTree(content(WebSockets.read(out).getFirst()));
                yield new Published(
                        json.path("address").asText(),
                        Base64.getDecoder().decode(json.path("body").asText()));
            }
        };
    }

    private static String line(ByteBuf from) {
        return from.readCharSequence(from.bytesBefore((byte) '\n') + 1, StandardCharsets.US_ASCII)
                .toString()
                .trim();
    }

    private static byte[] bytes(ByteBuf from, int length) {
        byte[] bytes = new byte[length];
        from.readBytes(bytes);
        return bytes;
    }
}
