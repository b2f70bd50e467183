package io.signalbox.sdk;

import static io.signalbox.sdk.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Attached;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import io.signalbox.codecs.proto.Ping;
import io.signalbox.codecs.proto.Skill;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are lost, and nodes that refuse, fall silent or answer late. */
@Timeout(30)
final class SessionTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final FakeNode node;

    SessionTest() throws IOException {
        node = new FakeNode();
    }

    @AfterEach
    void close() throws IOException {
        node.close();
    }

    private ClientOptions.Builder options() {
        return ClientOptions.builder(node.url()).reconnect(Duration.ofMillis(1), Duration.ofMillis(50));
    }

    private SignalboxClient client() throws InterruptedException {
        return SignalboxClient.connect(options().build());
    }

    private SignalboxClient impatient(Duration request) throws InterruptedException {
        return SignalboxClient.connect(options().requestTimeout(request).build());
    }

    private static Code codeOf(ThrowingCallable call) {
        return catchThrowableOfType(SignalboxException.class, call).code();
    }

    @Test
    void shouldResumeWithTheTokenOfTheLastWelcomeAndAttachNothingAnew() throws Exception {
        node.resuming();
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            long generation = agent.generation();
            node.await(BodyCase.ATTACH);

            node.cut();

            assertThat(node.await(BodyCase.HELLO).getHello().getResumeToken()).isEqualTo("token-1");
            agent.publish(Message.to("x", Payload.EMPTY));
            assertThat(node.has(BodyCase.ATTACH)).isFalse();
            assertThat(agent.generation()).isEqualTo(generation);
        }
    }

    @Test
    void shouldAttachAndSubscribeAnewOnANewSessionUnderAFreshHandle() throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            int handle = node.await(BodyCase.ATTACH).getAgent();
            agent.subscribe("kept", "group");
            agent.subscribe("given-up");
            agent.unsubscribe("given-up", "");
            node.await(BodyCase.UNSUBSCRIBE);

            node.cut();

            int fresh = node.await(BodyCase.ATTACH).getAgent();
            assertThat(fresh).isNotEqualTo(handle);
            Entry subscribed = node.await(BodyCase.SUBSCRIBE);
            assertThat(subscribed.getAgent()).isEqualTo(fresh);
            assertThat(subscribed.getSubscribe().getPattern()).isEqualTo("kept");
            assertThat(subscribed.getSubscribe().getGroup()).isEqualTo("group");
            agent.publish(Message.to("x", Payload.EMPTY));
            assertThat(node.await(BodyCase.MESSAGE).getAgent()).isEqualTo(fresh);
            assertThat(node.has(BodyCase.SUBSCRIBE)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAttachAnewAlthoughTheConnectionIsLostAgainMeanwhile(boolean resumed) throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            node.await(BodyCase.ATTACH);
            FakeNode.Answer taking = node.answering(BodyCase.ATTACH, attach -> Optional.empty());
            node.cut();
            node.await(BodyCase.ATTACH);
            if (resumed) {
                node.resuming();
            }

            node.on(BodyCase.ATTACH, taking);
            node.cut();

            node.await(BodyCase.ATTACH);
            agent.publish(Message.to("x", Payload.EMPTY));
            assertThat(agent.generation()).isEqualTo(2);
        }
    }

    @Test
    void shouldAttachAnewAlthoughTheNodeCannotAtFirst() throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            node.failing(BodyCase.ATTACH, 3, Code.OVERLOADED);

            node.cut();

            eventually("the agent is attached anew", () -> agent.generation() == 2);
        }
    }

    @Test
    void shouldTellAnAgentThatIsRefusedOnTheNewSession() throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            node.failing(BodyCase.ATTACH, 1, Code.FORBIDDEN);

            node.cut();

            eventually(
                    "the agent is refused",
                    () -> codeOf(() -> agent.publish(Message.to("x", Payload.EMPTY))) == Code.FORBIDDEN);
            assertThat(agent.generation()).isZero();
        }
    }

    /** Attached anew elsewhere, or by a directive. */
    @ParameterizedTest
    @EnumSource(names = {"STALE_GENERATION", "KILLED"})
    void shouldEndAnAgentThatTheNodeHasEnded(Code code) throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            int handle = node.await(BodyCase.ATTACH).getAgent();

            node.send(FakeNode.error(code).setAgent(handle));

            eventually("the agent is detached", () -> agent.generation() == 0);
            assertThat(codeOf(() -> agent.publish(Message.to("x", Payload.EMPTY))))
                    .isEqualTo(code);
            node.cut();
            node.await(BodyCase.HELLO);
            client.agent("b").attach();
            assertThat(node.await(BodyCase.ATTACH).getAttach().getId()).isEqualTo("b");
        }
    }

    @Test
    void shouldNotLeaveAnAgentAttachedThatHasNoHandlerForASkill() throws Exception {
        node.on(
                BodyCase.ATTACH,
                attach -> Optional.of(Entry.newBuilder()
                        .setAttached(Attached.newBuilder()
                                .addSkills(Skill.newBuilder().setName("unknown")))));
        try (SignalboxClient client = client()) {
            assertThatThrownBy(() -> client.agent("a").definition("d@1.0.0").attach())
                    .isInstanceOf(SignalboxException.class)
                    .hasMessageContaining("unknown");

            int attached = node.await(BodyCase.ATTACH).getAgent();
            assertThat(node.await(BodyCase.DETACH).getAgent()).isEqualTo(attached);
        }
    }

    @Test
    void shouldNotLeaveAnAgentAttachedWhoseAnswerCameTooLate() throws Exception {
        node.on(BodyCase.ATTACH, attach -> Optional.empty());
        try (SignalboxClient client = impatient(Duration.ofMillis(200))) {
            assertThat(codeOf(() -> client.agent("a").attach())).isEqualTo(Code.TIMEOUT);
            Entry attach = node.await(BodyCase.ATTACH);
            node.await(BodyCase.DETACH);

            node.send(Entry.newBuilder()
                    .setAgent(attach.getAgent())
                    .setRef(attach.getRef())
                    .setAttached(Attached.getDefaultInstance()));

            assertThat(node.await(BodyCase.DETACH).getAgent()).isEqualTo(attach.getAgent());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1008, CLOSE_PROTOCOL_ERROR",
        "1009, CLOSE_PROTOCOL_ERROR",
        "4201, CLOSE_UNAUTHENTICATED",
        "4401, CLOSE_PROTOCOL_ERROR",
        "4402, SESSION_TAKEN_OVER"
    })
    void shouldGiveUpWhenTheNodeClosesForGood(int closeCode, Code code) throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();

            node.closeWith(closeCode);

            assertThat(codeOf(client::awaitClosed)).isEqualTo(code);
            assertThat(node.connections()).isEqualTo(1);
            eventually("the agent is detached", () -> agent.generation() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1011, 4001, 4002, 4003, 4004, 4999})
    void shouldComeBackWhenTheNodeClosesForNow(int closeCode) throws Exception {
        try (SignalboxClient client = client()) {
            node.await(BodyCase.HELLO);

            node.closeWith(closeCode);

            node.await(BodyCase.HELLO);
            eventually("the client is connected", client::isConnected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401 Unauthorized, UNAUTHENTICATED",
        "403 Forbidden, FORBIDDEN",
        "400 Bad Request, UNSUPPORTED",
        "404 Not Found, UNSUPPORTED",
        "426 Upgrade Required, UNSUPPORTED"
    })
    void shouldSayWhyTheNodeRefusesTheConnection(String status, Code code) {
        node.refusing(status);

        assertThat(codeOf(this::client)).isEqualTo(code);
    }

    @Test
    void shouldTryAgainWhenTheNodeIsFull() throws Exception {
        node.refusing("503 Service Unavailable\r\nRetry-After: 0");
        CompletableFuture<SignalboxClient> connecting = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                connecting.complete(client());
            } catch (SignalboxException | InterruptedException e) {
                connecting.completeExceptionally(e);
            }
        });

        node.awaitRefused(3);
        node.accepting();

        connecting.get(20, TimeUnit.SECONDS).close();
    }

    @Test
    void shouldTryAgainWithAFreshTokenWhenTheLastOneHasExpired() throws Exception {
        Iterator<String> tokens = List.of("old", "new", "new", "new").iterator();
        FakeNode.Answer welcome = node.answering(BodyCase.HELLO, hello -> Optional.empty());
        node.on(
                BodyCase.HELLO,
                hello -> hello.getHello().getToken().equals("new")
                        ? welcome.apply(hello)
                        : Optional.of(FakeNode.error(Code.TOKEN_EXPIRED)));

        try (SignalboxClient client =
                SignalboxClient.connect(options().token(tokens::next).build())) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void shouldGiveUpWithATokenThatWasRefusedAlready() {
        node.failing(BodyCase.HELLO, 100, Code.UNAUTHENTICATED);

        assertThat(codeOf(() ->
                        SignalboxClient.connect(options().token(() -> "same").build())))
                .isEqualTo(Code.UNAUTHENTICATED);
        assertThat(node.connections()).isEqualTo(1);
    }

    @Test
    void shouldGoOnWhenTheSourceOfTokensFailsForAWhile() throws Exception {
        int[] asked = {0};
        Supplier<String> source = () -> {
            if (++asked[0] < 3) {
                throw new IllegalStateException("the identity provider is away");
            }
            return "token";
        };

        try (SignalboxClient client =
                SignalboxClient.connect(options().token(source).build())) {
            assertThat(node.await(BodyCase.HELLO).getHello().getToken()).isEqualTo("token");
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void shouldAnswerPings() throws Exception {
        try (SignalboxClient client = client()) {
            eventually("the client is connected", client::isConnected);

            node.send(Entry.newBuilder().setPing(Ping.getDefaultInstance()));

            node.await(BodyCase.PONG);
        }
    }

    @Test
    void shouldConnectAgainWhenTheNodeFallsSilent() throws Exception {
        node.silent(100);
        try (SignalboxClient client = client()) {
            node.await(BodyCase.HELLO);

            node.await(BodyCase.HELLO);

            assertThat(node.connections()).isGreaterThan(1);
        }
    }

    @Test
    void shouldMatchTheReplyWithItsRequestWhateverElseComes() throws Exception {
        LinkedBlockingQueue<String> others = new LinkedBlockingQueue<>();
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a")
                    .onMessage(message -> others.add(message.payload().text()))
                    .attach();
            CompletableFuture<Message> reply = requesting(agent, LONG);
            Entry request = node.await(BodyCase.MESSAGE);
            assertThat(request.getMessage().getReplyTo()).isEqualTo("agent/a");

            for (String id : List.of("other", request.getMessage().getCorrelationId())) {
                node.send(Entry.newBuilder()
                        .setAgent(request.getAgent())
                        .setMessage(Message.to("agent/a", Payload.text(id))
                                .withCorrelationId(id)
                                .encoded()));
            }

            assertThat(reply.get(20, TimeUnit.SECONDS).payload().text())
                    .isEqualTo(request.getMessage().getCorrelationId());
            assertThat(others.poll(20, TimeUnit.SECONDS)).isEqualTo("other");
        }
    }

    @Test
    void shouldLetGoWhoeverWaitsForAReplyWhenTheClientIsClosed() throws Exception {
        SignalboxClient client = client();
        Agent agent = client.agent("a").attach();
        CompletableFuture<Message> reply = requesting(agent, Duration.ofHours(1));
        node.await(BodyCase.MESSAGE);

        client.close();

        assertThatThrownBy(() -> reply.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.GOING_AWAY));
    }

    private static CompletableFuture<Message> requesting(Agent agent, Duration patience) {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                reply.complete(agent.request(Message.to("agent/b", Payload.EMPTY), patience));
            } catch (SignalboxException | InterruptedException e) {
                reply.completeExceptionally(e);
            }
        });
        return reply;
    }

    @Test
    void shouldDetachAndSayGoodbyeWhenClosed() throws Exception {
        SignalboxClient client = client();
        Agent agent = client.agent("a").attach();

        client.close();
        client.close();

        node.await(BodyCase.DETACH);
        client.awaitClosed();
        assertThat(client.isConnected()).isFalse();
        assertThat(codeOf(() -> agent.publish(Message.to("x", Payload.EMPTY)))).isEqualTo(Code.GOING_AWAY);
        assertThat(codeOf(() -> client.agent("b").attach())).isEqualTo(Code.GOING_AWAY);
    }

    @Test
    void shouldCloseAlthoughTheNodeAnswersNothing() throws Exception {
        SignalboxClient client = impatient(Duration.ofMillis(300));
        client.agent("a").attach();
        node.on(BodyCase.DETACH, detach -> Optional.empty());

        client.close();

        client.awaitClosed();
    }

    @Test
    void shouldCutTheConnectionWhenClosingIsInterrupted() throws Exception {
        SignalboxClient client = client();
        client.agent("a").attach();
        node.on(BodyCase.DETACH, detach -> Optional.empty());
        Thread closing = Thread.ofVirtual().start(client::close);
        node.await(BodyCase.DETACH);

        closing.interrupt();

        closing.join();
        client.awaitClosed();
        node.awaitGone();
    }

    @Test
    void shouldEndWithoutAWordLikeACrash() throws Exception {
        SignalboxClient client = client();
        client.agent("a").attach();

        client.simulateCrash();

        client.awaitClosed();
        node.awaitGone();
        assertThat(node.has(BodyCase.DETACH)).isFalse();
        assertThat(node.connections()).isEqualTo(1);
    }
}
