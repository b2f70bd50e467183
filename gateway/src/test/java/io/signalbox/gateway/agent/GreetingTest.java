package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Hello;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.gateway.identity.AuthenticationException;
import io.signalbox.gateway.identity.Identity;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that do not get past Hello. */
class GreetingTest {
    private final Endpoints endpoints = new Endpoints(token -> {
        throw new AuthenticationException(Code.TOKEN_EXPIRED, "the token has expired");
    });
    private final Greeting greeting = new Greeting(endpoints.endpoint, Greeting.Bearer.NONE, new ConnectPacer.Now());
    private final AgentChannel agent = new AgentChannel(
            WireFormat.PROTO,
            greeting,
            endpoints.endpoint.meters(),
            new WebSocketReader(1_000, new WebSocketReader.Scratch()));
    private final EmbeddedChannel channel = new EmbeddedChannel(agent);
    private final ClientFrames client = new ClientFrames(channel);

    @BeforeEach
    void admit() {
        endpoints.endpoint.meters().admit(1);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        client.close();
        endpoints.close();
    }

    private static byte[] frame(Entry.Builder... entries) {
        Frame.Builder frame = Frame.newBuilder();
        for (Entry.Builder entry : entries) {
            frame.addEntries(entry);
        }
        return frame.build().toByteArray();
    }

    static Stream<Arguments> bad() {
        Entry.Builder hello = Entry.newBuilder().setRef(7).setHello(Hello.getDefaultInstance());
        Entry.Builder ping = Entry.newBuilder().setRef(7).setPing(Ping.getDefaultInstance());
        byte[] brokenHello = {10, 5, 34, 3, 10, 9, 1}; // its token is longer than the Hello
        return Stream.of(
                Arguments.of("another entry", frame(ping, hello), Code.UNEXPECTED_ENTRY, Code.CLOSE_PROTOCOL_ERROR),
                Arguments.of("no entry", new byte[0], Code.UNEXPECTED_ENTRY, Code.CLOSE_PROTOCOL_ERROR),
                Arguments.of(
                        "an entry without a body",
                        frame(Entry.newBuilder().setRef(7)),
                        Code.UNEXPECTED_ENTRY,
                        Code.CLOSE_PROTOCOL_ERROR),
                Arguments.of("no frame", new byte[] {10, 127, 1}, Code.MALFORMED, Code.CLOSE_PROTOCOL_ERROR),
                Arguments.of("a broken Hello", brokenHello, Code.MALFORMED, Code.CLOSE_PROTOCOL_ERROR),
                Arguments.of("a refused token", frame(hello), Code.TOKEN_EXPIRED, Code.CLOSE_UNAUTHENTICATED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void shouldSayWhatIsWrongAndClose(String what, byte[] content, Code error, Code close) throws Exception {
        client.send(new BinaryWebSocketFrame(Unpooled.copiedBuffer(content)));

        Entry answer = entry(client.received(BinaryWebSocketFrame.class));
        assertThat(answer.getError().getCode()).isEqualTo(error.number());
        assertThat(answer.getError().getMessage()).isNotEmpty();
        assertThat(closeCode()).isEqualTo(close.number());
        assertThat(connections()).isZero();
    }

    private static Entry entry(WebSocketFrame frame) throws Exception {
        try {
            return Frame.parseFrom(ByteBufUtil.getBytes(frame.content())).getEntries(0);
        } finally {
            frame.release();
        }
    }

    private int closeCode() {
        CloseWebSocketFrame close = client.received(CloseWebSocketFrame.class);
        try {
            return close.statusCode();
        } finally {
            close.release();
        }
    }

    private double connections() {
        return endpoints.meters.get("signalbox.gateway.connections").gauge().value();
    }

    @Test
    void shouldAnswerTheRefOfAHelloThatIsRefused() throws Exception {
        byte[] hello = frame(Entry.newBuilder().setRef(7).setHello(Hello.getDefaultInstance()));

        client.send(new BinaryWebSocketFrame(Unpooled.copiedBuffer(hello)));

        assertThat(entry(client.received(BinaryWebSocketFrame.class)).getRef()).isEqualTo(7);
    }

    @Test
    void shouldTellAClientThatIsPutOffWhenToComeAgainAndVerifyNothing() throws Exception {
        Greeting full = new Greeting(
                endpoints.endpoint, Greeting.Bearer.NONE, new ConnectPacer.ComeAgain(Duration.ofMillis(1234)));
        agent.listen(full);
        byte[] hello = frame(Entry.newBuilder().setRef(7).setHello(Hello.getDefaultInstance()));

        client.send(new BinaryWebSocketFrame(Unpooled.copiedBuffer(hello)));

        Entry answer = entry(client.received(BinaryWebSocketFrame.class));
        assertThat(answer.getRef()).isEqualTo(7);
        assertThat(answer.getError().getCode()).isEqualTo(Code.OVERLOADED.number());
        assertThat(answer.getError().getRetryAfterMs()).isEqualTo(1234);
        assertThat(closeCode()).isEqualTo(1013);
        assertThat(connections()).isZero();
        assertThat(endpoints.meters.get("signalbox.gateway.put.off").counter().count())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"'', true", "of-header, true", "another, false"})
    void shouldVerifyNoTokenTwice(String inHello, boolean known) throws Exception {
        Greeting.Bearer proven = new Greeting.Bearer("of-header", Optional.of(Endpoints.identity("joe")));

        Identity identity = proven.identity(inHello, token -> Endpoints.identity("owner of " + token));

        assertThat(identity.subject()).isEqualTo(known ? "joe" : "owner of another");
    }

    @Test
    void shouldVerifyTheRequestsTokenOnceTheTurnHasCome() throws Exception {
        Greeting.Bearer unproven = new Greeting.Bearer("of-header", Optional.empty());

        assertThat(unproven.identity("", token -> Endpoints.identity("owner of " + token))
                        .subject())
                .isEqualTo("owner of of-header");
    }

    @Test
    void shouldNeitherVerifyNorAnswerNorCloseWhileAClientWaitsForItsTurn() {
        Greeting held =
                new Greeting(endpoints.endpoint, Greeting.Bearer.NONE, new ConnectPacer.Hold(Duration.ofDays(1)));
        agent.listen(held);
        byte[] hello = frame(Entry.newBuilder().setRef(7).setHello(Hello.getDefaultInstance()));

        client.send(new BinaryWebSocketFrame(Unpooled.copiedBuffer(hello)));
        held.checkDeadline(agent, Endpoints.NOW.plus(Duration.ofDays(1)));

        assertThat(client.received()).isEmpty();
        assertThat(channel.isOpen()).isTrue();
        assertThat(endpoints.meters.get("signalbox.gateway.held").counter().count())
                .isEqualTo(1);
        held.goAway(agent);
        assertThat(closeCode()).isEqualTo(Code.GOING_AWAY.number());
        assertThat(connections()).isZero();
    }

    @Test
    void shouldReadNoMoreOfAClientThatFloodsTheNodeWhileItWaits() {
        Greeting held =
                new Greeting(endpoints.endpoint, Greeting.Bearer.NONE, new ConnectPacer.Hold(Duration.ofDays(1)));
        agent.listen(held);
        byte[] hello = frame(Entry.newBuilder().setRef(7).setHello(Hello.getDefaultInstance()));
        client.send(new BinaryWebSocketFrame(Unpooled.copiedBuffer(hello)));

        int frames = 0;
        while (channel.config().isAutoRead() && frames < 1_000) {
            client.send(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(new byte[900])));
            frames++;
        }

        assertThat(frames * 900).isBetween(Greeting.MAX_HELD_BYTES / 2, Greeting.MAX_HELD_BYTES + 900);
    }

    @Test
    void shouldPutOffAClientWhoseHelloIsTooLargeToKeep() throws Exception {
        AgentChannel large = new AgentChannel(
                WireFormat.PROTO,
                new Greeting(endpoints.endpoint, Greeting.Bearer.NONE, new ConnectPacer.Hold(Duration.ofSeconds(3))),
                endpoints.endpoint.meters(),
                new WebSocketReader(1_000_000, new WebSocketReader.Scratch()));
        EmbeddedChannel ofLarge = new EmbeddedChannel(large);
        byte[] hello =
                frame(Entry.newBuilder().setRef(7).setHello(Hello.newBuilder().setToken("x".repeat(100_000))));

        try (ClientFrames sender = new ClientFrames(ofLarge)) {
            sender.send(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(hello)));

            Entry answer = entry(sender.received(BinaryWebSocketFrame.class));
            assertThat(answer.getError().getCode()).isEqualTo(Code.OVERLOADED.number());
            assertThat(answer.getError().getRetryAfterMs()).isEqualTo(3_000);
        } finally {
            ofLarge.finishAndReleaseAll();
        }
    }

    @Test
    void shouldWaitForHelloAsLongAsItMayTake() {
        greeting.checkDeadline(agent, Endpoints.NOW.plus(Endpoints.HELLO_TIMEOUT));
        assertThat(channel.isOpen()).isTrue();

        greeting.checkDeadline(
                agent, Endpoints.NOW.plus(Endpoints.HELLO_TIMEOUT).plus(Duration.ofMillis(1)));

        assertThat(closeCode()).isEqualTo(Code.CLOSE_HELLO_TIMEOUT.number());
        assertThat(connections()).isZero();
    }

    @Test
    void shouldHearNoHelloAfterItSentTheClientAway() {
        greeting.goAway(agent);
        byte[] hello = frame(Entry.newBuilder().setHello(Hello.getDefaultInstance()));
        greeting.received(agent, hello, hello.length);
        greeting.checkDeadline(agent, Endpoints.NOW.plus(Duration.ofDays(1)));

        assertThat(closeCode()).isEqualTo(Code.GOING_AWAY.number());
        assertThat(client.received()).isEmpty();
    }

    @Test
    void shouldCountAClientThatLeftBeforeItSpokeNoMore() {
        assertThat(connections()).isEqualTo(1);

        channel.close();

        assertThat(connections()).isZero();
    }
}
