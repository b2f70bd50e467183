package io.signalbox.sdk;

import static io.signalbox.sdk.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Assign;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.codecs.proto.Delivery;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import io.signalbox.codecs.proto.GoAway;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that knows two nodes. {@code first} is the one that it began with. */
@Timeout(30)
final class SeveralNodesTest {
    private static final String AWAY = "503 Service Unavailable";

    private FakeNode first = new FakeNode();
    private FakeNode second = new FakeNode();

    SeveralNodesTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        first.close();
        second.close();
    }

    private ClientOptions.Builder options() {
        return ClientOptions.builder(first.url() + "," + second.url())
                .reconnect(Duration.ofMillis(1), Duration.ofMillis(50));
    }

    private SignalboxClient client() throws InterruptedException {
        return named(SignalboxClient.connect(options().build()));
    }

    private SignalboxClient named(SignalboxClient client) {
        if (second.connections() > 0) {
            FakeNode other = first;
            first = second;
            second = other;
        }
        return client;
    }

    /** The first takes nobody any more, and its connections are cut. */
    private void loseFirst() {
        first.refusing(AWAY);
        first.cut();
    }

    private static void publish(Agent agent) throws InterruptedException {
        agent.publish(Message.to("x", Payload.EMPTY));
    }

    @Test
    void shouldConnectToWhicheverNodeIsThere() throws Exception {
        first.refusing(AWAY);

        for (int i = 0; i < 5; i++) {
            SignalboxClient.connect(options().build()).close();
        }

        assertThat(second.connections()).isEqualTo(5);
    }

    @Test
    void shouldResumeAtTheNodeThatHasTheSessionWhenTheConnectionIsLost() throws Exception {
        first.resuming();
        second.resuming();
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            first.await(BodyCase.ATTACH);

            first.cut();

            assertThat(first.await(BodyCase.HELLO).getHello().getResumeToken()).isNotEmpty();
            publish(agent);
            assertThat(second.connections()).isZero();
        }
    }

    @Test
    void shouldAttachAtAnotherNodeWhenTheFirstIsAwayAndShowItNoForeignToken() throws Exception {
        second.resuming();
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").onMessage(message -> {}).attach();
            agent.subscribe("kept");

            loseFirst();

            assertThat(second.await(BodyCase.HELLO).getHello().getResumeToken()).isEmpty();
            Attach attach = second.await(BodyCase.ATTACH).getAttach();
            assertThat(attach.getId()).isEqualTo("a");
            assertThat(attach.getCredit()).isEqualTo(Inbox.MAX_WAITING);
            assertThat(second.await(BodyCase.SUBSCRIBE).getSubscribe().getPattern())
                    .isEqualTo("kept");
            publish(agent);
        }
    }

    @Test
    void shouldGoToAnotherNodeWhenSentAwayAlthoughTheFirstWouldTakeIt() throws Exception {
        try (SignalboxClient client = client()) {
            first.await(BodyCase.HELLO);

            first.send(Entry.newBuilder().setGoAway(GoAway.getDefaultInstance()));
            first.closeWith(Code.GOING_AWAY.number());

            second.await(BodyCase.HELLO);
            eventually("the client is connected", client::isConnected);
            assertThat(first.connections()).isEqualTo(1);
        }
    }

    /** Well before a request's time is over. */
    private SignalboxClient patientClient() throws InterruptedException {
        return named(SignalboxClient.connect(
                options().requestTimeout(Duration.ofMinutes(5)).build()));
    }

    @Test
    void shouldLeaveANodeThatHangs() throws Exception {
        try (SignalboxClient client = patientClient()) {
            first.hanging();

            first.cut();

            second.await(BodyCase.HELLO);
            eventually("the client is connected", client::isConnected);
        }
    }

    @Test
    void shouldLeaveANodeThatEndsTheConnectionInsteadOfAnsweringHello() throws Exception {
        try (SignalboxClient client = patientClient()) {
            first.on(BodyCase.HELLO, hello -> {
                first.cut();
                return Optional.empty();
            });

            first.cut();

            second.await(BodyCase.HELLO);
            eventually("the client is connected", client::isConnected);
        }
    }

    @Test
    void shouldSendADurableMessageAgainWithItsIdAtTheOtherNode() throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            first.on(BodyCase.MESSAGE, message -> Optional.empty());
            CompletableFuture<Void> published = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    agent.publish(Message.to("agent/b", Payload.EMPTY).durable());
                    published.complete(null);
                } catch (SignalboxException | InterruptedException e) {
                    published.completeExceptionally(e);
                }
            });
            Entry sent = first.await(BodyCase.MESSAGE);

            loseFirst();

            Entry again = second.await(BodyCase.MESSAGE);
            assertThat(again.getMessage().getId()).isEqualTo(sent.getMessage().getId());
            assertThat(again.getMessage().getAgain()).isTrue();
            published.join();
        }
    }

    @Test
    void shouldBringItsTaskAlongRenewItAndTellItsOutcomeAtTheOtherNode() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (SignalboxClient client = client()) {
            client.agent("a")
                    .skill("s", assignment -> {
                        runs.incrementAndGet();
                        goOn.await();
                        return Payload.EMPTY;
                    })
                    .attach();
            Entry.Builder assign = Entry.newBuilder()
                    .setAssign(Assign.newBuilder()
                            .setTask("task-1")
                            .setToken(7)
                            .setSkill("s")
                            .setLeaseMs(300));
            first.send(assign.setAgent(first.await(BodyCase.ATTACH).getAgent()));
            first.await(BodyCase.RENEW);

            loseFirst();

            Entry attach = second.await(BodyCase.ATTACH);
            assertThat(attach.getAttach().getHeldList()).singleElement().satisfies(held -> {
                assertThat(held.getTask()).isEqualTo("task-1");
                assertThat(held.getToken()).isEqualTo(7);
            });
            second.send(assign.setAgent(attach.getAgent())); // whoever allocates now may say it again
            second.await(BodyCase.RENEW);
            goOn.countDown();
            assertThat(second.await(BodyCase.COMPLETE).getComplete().getToken()).isEqualTo(7);
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void shouldTellTheOutcomeAtTheOtherNodeAlthoughItIsBeingClosed() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        SignalboxClient client = client();
        client.agent("a")
                .skill("s", assignment -> {
                    goOn.await();
                    return Payload.EMPTY;
                })
                .attach();
        first.send(Entry.newBuilder()
                .setAgent(first.await(BodyCase.ATTACH).getAgent())
                .setAssign(Assign.newBuilder()
                        .setTask("task-1")
                        .setToken(7)
                        .setSkill("s")
                        .setLeaseMs(300)));
        first.await(BodyCase.RENEW);
        Thread closing = Thread.ofVirtual().start(client::close);
        Eventually.waiting(closing);

        loseFirst();

        second.await(BodyCase.ATTACH);
        goOn.countDown();
        second.await(BodyCase.COMPLETE);
        second.await(BodyCase.DETACH);
        closing.join();
    }

    @Test
    void shouldAcknowledgeAtTheOtherNodeWhatWasHandledBeforeAndNotHandleItAgain() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        Message message = Message.to("agent/a", Payload.EMPTY).durable().withId(new UUID(1, 2));
        try (SignalboxClient client = client()) {
            client.agent("a").onMessage(ignored -> handled.incrementAndGet()).attach();
            first.send(delivery(first.await(BodyCase.ATTACH).getAgent(), message, 1));
            first.await(BodyCase.ACK); // which the store never gets

            loseFirst();

            second.send(delivery(second.await(BodyCase.ATTACH).getAgent(), message, 2));
            assertThat(second.await(BodyCase.ACK).getAck().getNumbersList()).containsExactly(2L);
        }
        assertThat(handled).hasValue(1);
    }

    /** Its number is that of the attempt. */
    private static Entry.Builder delivery(int handle, Message message, int attempt) {
        return Entry.newBuilder()
                .setAgent(handle)
                .setDelivery(Delivery.newBuilder()
                        .setNumber(attempt)
                        .setAttempt(attempt)
                        .setMessage(message.encoded()));
    }

    @Test
    void shouldNotTakeALateAttachOfItsOwnAtANodeThatItLeftForItsEnd() throws Exception {
        first.on(BodyCase.ATTACH, attach -> Optional.empty());
        second.refusing(AWAY);
        CompletableFuture<Agent> attaching = new CompletableFuture<>();
        try (SignalboxClient client = client()) {
            Thread.ofVirtual().start(() -> attach(client, attaching));
            first.await(BodyCase.ATTACH);
            second.accepting();
            loseFirst();
            int handle = second.await(BodyCase.ATTACH).getAgent();
            Agent agent = attaching.join();

            // The first node does what it was asked, later than the second: that is what the second hears.
            second.send(FakeNode.error(Code.STALE_GENERATION).setAgent(handle));

            int fresh = second.await(BodyCase.ATTACH).getAgent();
            assertThat(fresh).isNotEqualTo(handle);
            publish(agent);
            second.send(FakeNode.error(Code.STALE_GENERATION).setAgent(fresh));
            eventually("another process has the agent", () -> agent.generation() == 0);
            assertThat(catchThrowableOfType(SignalboxException.class, () -> publish(agent))
                            .code())
                    .isEqualTo(Code.STALE_GENERATION);
        }
    }

    private static void attach(SignalboxClient client, CompletableFuture<Agent> attached) {
        try {
            attached.complete(client.agent("a").attach());
        } catch (SignalboxException | InterruptedException e) {
            attached.completeExceptionally(e);
        }
    }

    @Test
    void shouldNotTakeTheEndOfItsOldRegistrationForItsOwn() throws Exception {
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("a").attach();
            int old = first.await(BodyCase.ATTACH).getAgent();
            loseFirst();
            second.await(BodyCase.ATTACH);

            second.send(FakeNode.error(Code.STALE_GENERATION).setAgent(old));

            publish(agent);
            assertThat(agent.generation()).isPositive();
        }
    }

    @Test
    void shouldUseTheNodeThatTakesItWhenAnotherRefusesForGood() throws Exception {
        first.refusing("404 Not Found");

        for (int i = 0; i < 5; i++) {
            SignalboxClient.connect(options().build()).close();
        }

        assertThat(second.connections()).isEqualTo(5);
    }

    @Test
    void shouldGiveUpWhenAllRefuseForGood() {
        first.refusing("404 Not Found");
        second.refusing("401 Unauthorized");

        assertThat(catchThrowableOfType(
                                SignalboxException.class,
                                () -> SignalboxClient.connect(options().build()))
                        .code())
                .isIn(Code.UNSUPPORTED, Code.UNAUTHENTICATED);
    }
}
