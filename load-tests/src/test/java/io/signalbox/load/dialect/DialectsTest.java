package io.signalbox.load.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.signalbox.codecs.proto.Delivery;
import io.signalbox.codecs.proto.Durability;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Error;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.codecs.proto.Receipt;
import io.signalbox.codecs.proto.Welcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

/** All dialects against servers that speak by the book. */
class DialectsTest {
    private static final Agents AGENTS = new Agents(5, 3, true);

    private final Recorder events = new Recorder();
    private final ByteBuf in = Unpooled.buffer();
    private final ByteBuf out = Unpooled.buffer();

    private record Received(int agent, String payload) {}

    private static final class Recorder implements Dialect.Events {
        private final List<Received> received = new ArrayList<>();
        private final List<String> refused = new ArrayList<>();
        private final List<String> answers = new ArrayList<>();
        private int ready;

        @Override
        public void ready() {
            ready++;
        }

        @Override
        public void received(int agent, byte[] bytes, int offset, int length) {
            received.add(new Received(agent, text(Arrays.copyOfRange(bytes, offset, offset + length))));
        }

        @Override
        public void delivered(int agent, byte[] bytes, int offset, int attempt) {
            received.add(new Received(
                    agent,
                    "attempt " + attempt + " of " + Stamp.read(bytes, offset).number()));
        }

        @Override
        public void acknowledged(long ref) {
            answers.add("acknowledged " + Stamp.number(ref) + " of run " + Stamp.run(ref));
        }

        @Override
        public void refused(long ref, String what) {
            answers.add("refused " + Stamp.number(ref) + ": " + what);
        }

        @Override
        public void refused(String what) {
            refused.add(what);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Any bytes: line ends and quotes among them must not end a message. */
    private static byte[] payload(int seed) {
        byte[] bytes = new byte[256];
        new SplittableRandom(seed).nextBytes(bytes);
        bytes[7] = '\n';
        bytes[8] = '"';
        return bytes;
    }

    private static Dialect create(Dialects dialect) {
        return dialect.create(AGENTS, agent -> "token-" + agent);
    }

    private void whole(Dialect dialect, byte[] bytes) throws DialectException {
        dialect.read(in.writeBytes(bytes), out, events);
    }

    private void byteByByte(Dialect dialect, byte[] bytes) throws DialectException {
        for (byte each : bytes) {
            whole(dialect, new byte[] {each});
        }
    }

    private Dialect ready(Dialects dialect) throws DialectException {
        Dialect made = create(dialect);
        whole(made, new FakeServer(dialect, AGENTS).handshake());
        out.clear();
        return made;
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeReadyOnceAndNotBeforeTheHandshakeIsWhole(Dialects dialect) throws DialectException {
        Dialect client = create(dialect);
        byte[] handshake = new FakeServer(dialect, AGENTS).handshake();

        byteByByte(client, Arrays.copyOf(handshake, handshake.length - 1));

        assertThat(events.ready).as("before the last byte").isZero();
        byteByByte(client, new byte[] {handshake[handshake.length - 1]});
        assertThat(events.ready).isOne();
        assertThat(events.received).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldPublishSoThatTheServerUnderstands(Dialects dialect) throws DialectException, IOException {
        Dialect client = ready(dialect);
        FakeServer server = new FakeServer(dialect, AGENTS);

        for (int to : List.of(Stamp.TO_ALL, 0, 6, 29_999)) {
            for (int length : List.of(24, 100, 256, 1024)) {
                byte[] payload = Arrays.copyOf(payload(to + length), length);
                byte[] given = payload.clone();
                client.publish(out, 6, to, given);

                FakeServer.Published published = server.published(out);

                assertThat(given).as("the caller's array").isEqualTo(payload);
                assertThat(published.address()).isEqualTo(dialect == Dialects.ECHO ? "" : Agents.address(to));
                assertThat(published.payload()).isEqualTo(onTheWire(dialect, payload));
                assertThat(out.isReadable()).as("more than the message").isFalse();
            }
        }
    }

    /** The bridge's Base64 makes a payload longer: it is cut before. */
    private static byte[] onTheWire(Dialects dialect, byte[] payload) {
        return dialect == Dialects.BRIDGE ? Arrays.copyOf(payload, Math.max(24, payload.length * 3 / 4)) : payload;
    }

    @ParameterizedTest
    @EnumSource(names = "REDIS", mode = Mode.EXCLUDE)
    void shouldReceiveHoweverTheBytesAreCut(Dialects dialect) throws DialectException {
        Dialect client = ready(dialect);
        byte[] delivery = new FakeServer(dialect, AGENTS).delivery(6, payload(1));

        byteByByte(client, Arrays.copyOf(delivery, delivery.length - 1));

        assertThat(events.received).as("before the last byte").isEmpty();
        byteByByte(client, new byte[] {delivery[delivery.length - 1]});
        assertThat(events.received).containsExactly(new Received(receiver(dialect, 6), text(payload(1))));
    }

    /** An echo comes back to the connection; to whom it was does not matter. */
    private static int receiver(Dialects dialect, int to) {
        return dialect == Dialects.ECHO || to == Stamp.TO_ALL ? AGENTS.first() : to;
    }

    @ParameterizedTest
    @EnumSource(names = "REDIS", mode = Mode.EXCLUDE)
    void shouldReceiveAllThatOneReadBringsAndKeepWhatIsNotWhole(Dialects dialect) throws DialectException {
        Dialect client = ready(dialect);
        FakeServer server = new FakeServer(dialect, AGENTS);
        byte[] last = server.delivery(7, payload(4));

        whole(
                client,
                WebSockets.joined(
                        server.delivery(7, payload(1)),
                        server.delivery(5, payload(2)),
                        server.delivery(Stamp.TO_ALL, payload(3)),
                        Arrays.copyOf(last, last.length - 5)));

        assertThat(events.received)
                .containsExactly(
                        new Received(receiver(dialect, 7), text(payload(1))),
                        new Received(receiver(dialect, 5), text(payload(2))),
                        new Received(AGENTS.first(), text(payload(3))));
        whole(client, Arrays.copyOfRange(last, last.length - 5, last.length));
        assertThat(events.received).hasSize(4).last().isEqualTo(new Received(receiver(dialect, 7), text(payload(4))));
        assertThat(in.isReadable()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"ECHO", "REDIS"},
            mode = Mode.EXCLUDE)
    void shouldTellTheServerOfAllItsAgents(Dialects dialect) throws DialectException, IOException {
        Dialect client = create(dialect);

        whole(client, new FakeServer(dialect, AGENTS).handshake());

        assertThat(introduced(dialect)).containsExactly("load-5", "load-6", "load-7", "fan-out");
    }

    private List<String> introduced(Dialects dialect) throws IOException {
        return switch (dialect) {
            case SIGNALBOX -> signalboxAgents();
            case NETTY -> {
                ByteBuf register = WebSockets.read(out).getFirst().content();
                assertThat(register.readInt()).isEqualTo(5);
                assertThat(register.readInt()).isEqualTo(3);
                assertThat(register.readByte()).isEqualTo((byte) 1);
                yield List.of("load-5", "load-6", "load-7", "fan-out");
            }
            case ECHO, REDIS -> List.of();
            case NATS -> {
                String said = out.toString(StandardCharsets.US_ASCII);
                assertThat(said).startsWith("CONNECT {").contains("SUB agent.load-5 1\r\n", "SUB fan-out.all 0\r\n");
                yield names(said.substring(said.indexOf("SUB ")));
            }
            case MQTT -> {
                assertThat(out.getByte(0)).isEqualTo((byte) 0x82);
                assertThat(out.getByte(1)).as("length").isEqualTo((byte) (out.readableBytes() - 2));
                assertThat(out.getUnsignedShort(4)).as("of the first topic").isEqualTo("agent/load-5".length());
                yield names(out.toString(StandardCharsets.US_ASCII));
            }
            case BRIDGE ->
                WebSockets.read(out).stream()
                        .map(frame -> text(WebSockets.content(frame)))
                        .filter(text -> text.contains("\"register\""))
                        .flatMap(text -> names(text).stream())
                        .toList();
        };
    }

    private List<String> signalboxAgents() throws IOException {
        List<String> names = new ArrayList<>();
        List<String> tokens = new ArrayList<>();
        for (WebSocketFrame each : WebSockets.read(out)) {
            for (Entry entry : Frame.parseFrom(WebSockets.content(each)).getEntriesList()) {
                switch (entry.getBodyCase()) {
                    case HELLO -> tokens.add(entry.getHello().getToken());
                    case ATTACH -> names.add(entry.getAttach().getId());
                    case SUBSCRIBE -> names.addAll(names(entry.getSubscribe().getPattern()));
                    default -> names.add("unexpected " + entry);
                }
            }
        }
        assertThat(tokens).containsExactly("token-5");
        return names;
    }

    private static List<String> names(String text) {
        return Pattern.compile("load-[0-9]+|fan-out")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    static Stream<Arguments> refusals() {
        byte[] welcome = FakeServer.frame(Entry.newBuilder().setWelcome(Welcome.getDefaultInstance()));
        byte[] error = FakeServer.frame(Entry.newBuilder()
                .setRef(2)
                .setError(Error.newBuilder().setCode(2003).setMessage("not yours")));
        byte[] bridgeError =
                WebSockets.written(new TextWebSocketFrame("{\"type\":\"err\",\"body\":\"access_denied\"}"));
        byte[] forbidden = WebSockets.ascii("HTTP/1.1 403 Forbidden\r\n\r\n");
        return Stream.of(
                arguments(Dialects.SIGNALBOX, forbidden, "upgrade refused: HTTP/1.1 403 Forbidden"),
                arguments(
                        Dialects.SIGNALBOX,
                        WebSockets.joined(WebSockets.UPGRADED, welcome, error),
                        "refused: 2003 not yours"),
                arguments(Dialects.NETTY, forbidden, "upgrade refused: HTTP/1.1 403 Forbidden"),
                arguments(Dialects.NATS, WebSockets.ascii("-ERR 'no'\r\n"), "-ERR 'no'"),
                arguments(Dialects.REDIS, WebSockets.ascii("-WRONGPASS no\r\n"), "refused: -WRONGPASS no"),
                arguments(Dialects.MQTT, new byte[] {0x20, 2, 0, 5}, "CONNECT refused with 5"),
                arguments(Dialects.MQTT, new byte[] {(byte) 0x90, 4, 0, 1, 0, (byte) 0x80}, "SUBSCRIBE refused"),
                arguments(Dialects.MQTT, new byte[] {(byte) 0xf0, 0}, "unexpected packet of kind 15"),
                arguments(
                        Dialects.BRIDGE,
                        WebSockets.joined(WebSockets.UPGRADED, bridgeError),
                        "{\"type\":\"err\",\"body\":\"access_denied\"}"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldNotBeReadyWhenTheServerRefuses(Dialects dialect, byte[] said, String reason) {
        Dialect client = create(dialect);

        assertThatThrownBy(() -> whole(client, said))
                .isInstanceOf(DialectException.class)
                .hasMessage(reason);

        assertThat(events.ready).isZero();
    }

    @Test
    void shouldTellWhatSignalboxRefusesLater() throws DialectException {
        Dialect client = ready(Dialects.SIGNALBOX);

        whole(
                client,
                FakeServer.frame(Entry.newBuilder()
                        .setError(Error.newBuilder().setCode(5001).setMessage("slow down"))));

        assertThat(events.refused).containsExactly("5001 slow down");
        assertThat(events.ready).isOne();
    }

    /** A durable message of run 9 from agent 6. */
    private static byte[] durable(int number) {
        byte[] payload = payload(number);
        new Stamp(0, 0, 9, Stamp.Kind.DURABLE, 6, 5, number).write(payload);
        return payload;
    }

    private List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (WebSocketFrame each : WebSockets.read(out)) {
            entries.addAll(Frame.parseFrom(WebSockets.content(each)).getEntriesList());
        }
        return entries;
    }

    private static Entry.Builder delivery(int handle, long number, int attempt, byte[] payload) {
        return Entry.newBuilder()
                .setAgent(handle)
                .setDelivery(Delivery.newBuilder()
                        .setNumber(number)
                        .setAttempt(attempt)
                        .setMessage(Message.newBuilder()
                                .setAddress("agent/load-5")
                                .setPayload(ByteString.copyFrom(payload))));
    }

    @Test
    void shouldAskSignalboxToKeepADurableMessageUnderItsRef() throws DialectException, IOException {
        Dialect client = ready(Dialects.SIGNALBOX);

        client.publish(out, 6, 5, durable(4711));

        Entry entry = entries().getFirst();
        assertThat(entry.getAgent()).isEqualTo(2);
        assertThat(entry.getRef()).isEqualTo((9L << 32) + 4711);
        assertThat(entry.getMessage().getDurability()).isEqualTo(Durability.DURABILITY_LOCAL);
        assertThat(entry.getMessage().getAddress()).isEqualTo("agent/load-5");
        assertThat(entry.getMessage().getPayload().toByteArray()).isEqualTo(durable(4711));
    }

    @Test
    void shouldTellWhatSignalboxAnswersToDurableMessages() throws DialectException {
        Dialect client = ready(Dialects.SIGNALBOX);
        long run = 9L << 32;

        whole(
                client,
                FakeServer.frame(
                        Entry.newBuilder().setRef(run + 2).setReceipt(Receipt.getDefaultInstance()),
                        Entry.newBuilder()
                                .setRef(run + 3)
                                .setError(Error.newBuilder().setCode(1002).setMessage("full"))));

        assertThat(events.answers).containsExactly("acknowledged 2 of run 9", "refused 3: 1002 full");
        assertThat(events.refused).isEmpty();
        assertThat(events.ready).isOne();
    }

    @Test
    void shouldAcknowledgeToSignalboxOnceForEachReadAndAgent() throws DialectException, IOException {
        Dialect client = ready(Dialects.SIGNALBOX);

        whole(
                client,
                WebSockets.joined(
                        FakeServer.frame(delivery(1, 1, 1, durable(10)), delivery(3, 1, 1, durable(11))),
                        FakeServer.frame(delivery(1, 2, 1, durable(12)))));
        List<Entry> first = entries();
        whole(client, FakeServer.frame(delivery(1, 1, 2, durable(10))));

        assertThat(events.received)
                .containsExactly(
                        new Received(5, "attempt 1 of 10"),
                        new Received(7, "attempt 1 of 11"),
                        new Received(5, "attempt 1 of 12"),
                        new Received(5, "attempt 2 of 10"));
        assertThat(first)
                .extracting(Entry::getAgent, entry -> entry.getAck().getUpTo())
                .containsExactly(tuple(1, 2L), tuple(3, 1L));
        assertThat(entries())
                .as("a repeated one is acknowledged again, with all before it")
                .extracting(Entry::getAgent, entry -> entry.getAck().getUpTo())
                .containsExactly(tuple(1, 2L));
    }

    @Test
    void shouldTakeAnswersOfRedisInTheOrderOfItsCommands() throws DialectException {
        Dialect client = ready(Dialects.REDIS);
        int commands = 3_000;
        byte[] answers = WebSockets.ascii("$15\r\n1784902812345-0\r\n-OOM no memory\r\n".repeat(commands / 2));
        for (int turn = 0; turn < 2; turn++) {
            for (int i = 1; i <= commands; i++) {
                client.publish(out, 6, 5, durable(i));
            }

            byteByByte(client, answers);

            assertThat(events.answers)
                    .hasSize(commands)
                    .startsWith("acknowledged 1 of run 9", "refused 2: -OOM no memory")
                    .endsWith("acknowledged 2999 of run 9", "refused 3000: -OOM no memory");
            events.answers.clear();
        }
        assertThatThrownBy(() -> whole(client, WebSockets.ascii("+OK\r\n"))).hasMessage("an answer to nothing: +OK");
    }

    @Test
    void shouldAnswerSignalboxPing() throws DialectException, IOException {
        Dialect client = ready(Dialects.SIGNALBOX);

        for (int i = 0; i < 2; i++) {
            whole(client, FakeServer.frame(Entry.newBuilder().setPing(Ping.getDefaultInstance())));

            Frame answer =
                    Frame.parseFrom(WebSockets.content(WebSockets.read(out).getFirst()));
            assertThat(answer.getEntries(0).hasPong()).as("answer %d", i).isTrue();
        }
    }

    @Test
    void shouldAnswerNatsPing() throws DialectException {
        Dialect client = ready(Dialects.NATS);

        whole(client, WebSockets.ascii("PING\r\n"));

        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("PONG\r\n");
    }

    @Test
    void shouldReadSeveralMessagesInOneFrameOfTheFloor() throws DialectException {
        Dialect client = ready(Dialects.NETTY);
        ByteBuf both = Unpooled.buffer().writeInt(6).writeInt(2).writeShort(0x4142);
        both.writeInt(7).writeInt(1).writeByte('C');

        whole(client, WebSockets.written(new BinaryWebSocketFrame(both)));

        assertThat(events.received).containsExactly(new Received(6, "AB"), new Received(7, "C"));
    }
}
