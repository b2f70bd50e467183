package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.codecs.Code;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import io.signalbox.sdk.TaskDeclinedException;
import io.signalbox.sdk.TaskFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Agents of the Java SDK with a real node. */
@Timeout(60)
final class SdkSystemTest {
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() {
        node = RunningNode.start();
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    private static SignalboxClient client() throws InterruptedException {
        return SignalboxClient.connect(node.url());
    }

    private static Payload number(int number) {
        return Payload.json(Integer.toString(number));
    }

    @Test
    void shouldShowProgressAndThenTheOutput() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (SignalboxClient client = client()) {
            client.agent("progress-1")
                    .skill("sdk.progress", assignment -> {
                        assignment.progress(40, "nearly half");
                        seen.await();
                        return Payload.text("done");
                    })
                    .attach();
            String task = http.submit("sdk.progress", "{}");

            Eventually.eventually(
                    "the progress shows",
                    () -> http.task(task).path("progress").path("percent").asInt() == 40);
            seen.countDown();

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asText()).isEqualTo("done");
        }
    }

    @Test
    void shouldInterruptTheHandlerWhenTheTaskIsCancelled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (SignalboxClient client = client()) {
            client.agent("cancel-1")
                    .skill("sdk.cancel", assignment -> {
                        begun.countDown();
                        try {
                            TimeUnit.MINUTES.sleep(1);
                        } catch (InterruptedException e) {
                            interrupted.countDown();
                            throw e;
                        }
                        return Payload.EMPTY;
                    })
                    .attach();
            String task = http.submit("sdk.cancel", "{}");
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            http.post("/v1/tasks/" + task + "/cancel", "");

            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            http.awaitState(task, "cancelled");
        }
    }

    @Test
    void shouldTryAgainAfterAFailure() throws Exception {
        try (SignalboxClient client = client()) {
            client.agent("retry-1")
                    .skill("sdk.retry", assignment -> {
                        if (assignment.attempt() < 3) {
                            throw new TaskFailedException("not yet", true);
                        }
                        return number(assignment.attempt());
                    })
                    .attach();

            String task = http.submit("sdk.retry", "{}");

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asInt()).isEqualTo(3);
        }
    }

    @Test
    void shouldDeadLetterWhatCannotBeRetriedAndSayWhy() throws Exception {
        try (SignalboxClient client = client()) {
            client.agent("hopeless-1")
                    .skill("sdk.hopeless", assignment -> {
                        throw new TaskFailedException("the paper does not exist", false);
                    })
                    .attach();

            String task = http.submit("sdk.hopeless", "{}");

            http.awaitState(task, "dead");
            JsonNode dead = http.task(task);
            assertThat(dead.toString()).contains("the paper does not exist");
            assertThat(dead.path("attempt").asInt()).isEqualTo(1);
        }
    }

    @Test
    void shouldGiveADeclinedTaskToAnotherAgent() throws Exception {
        try (SignalboxClient picky = client();
                SignalboxClient willing = client()) {
            CountDownLatch declined = new CountDownLatch(1);
            picky.agent("picky")
                    .skill("sdk.decline", assignment -> {
                        declined.countDown();
                        throw new TaskDeclinedException("not my field");
                    })
                    .attach();
            String task = http.submit("sdk.decline", "{}");
            assertThat(declined.await(20, TimeUnit.SECONDS)).isTrue();

            willing.agent("willing")
                    .skill("sdk.decline", assignment -> number(assignment.attempt()))
                    .attach();

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asInt())
                    .as("a declined attempt is not counted")
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldGiveTheTaskToAnotherAgentWhenTheFirstDies() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        SignalboxClient dying = client();
        dying.agent("dying")
                .skill("sdk.crash", assignment -> {
                    begun.countDown();
                    TimeUnit.MINUTES.sleep(1);
                    return number(0);
                })
                .attach();
        String task = http.submit("sdk.crash", "{}");
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        try (SignalboxClient heir = client()) {
            heir.agent("heir")
                    .skill("sdk.crash", assignment -> number(assignment.attempt()))
                    .attach();

            dying.simulateCrash();

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asInt()).isEqualTo(2);
        }
    }

    @Test
    void shouldGoOnWithItsTaskWhenTheConnectionIsLost() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (SignalboxClient client = client()) {
            Agent agent = client.agent("resume-1")
                    .skill("sdk.resume", assignment -> {
                        runs.incrementAndGet();
                        begun.countDown();
                        goOn.await();
                        return number(assignment.attempt());
                    })
                    .attach();
            long generation = agent.generation();
            String task = http.submit("sdk.resume", "{}");
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            client.simulateConnectionLoss();
            Eventually.eventually("the client is back", client::isConnected);
            goOn.countDown();

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asInt()).isEqualTo(1);
            assertThat(runs).hasValue(1);
            assertThat(agent.generation()).isEqualTo(generation);
        }
    }

    @Test
    void shouldAnswerRequests() throws Exception {
        try (SignalboxClient client = client()) {
            Agent[] answerer = new Agent[1];
            CountDownLatch ready = new CountDownLatch(1);
            answerer[0] = client.agent("answerer")
                    .onMessage(message -> {
                        ready.await();
                        answerer[0].reply(
                                message,
                                Payload.text("echo " + message.payload().text()));
                    })
                    .attach();
            ready.countDown();
            Agent asker = client.agent("asker").attach();

            Message answer = asker.request(Message.to("agent/answerer", Payload.text("hello")), Duration.ofSeconds(20));

            assertThat(answer.payload().text()).isEqualTo("echo hello");
            assertThat(answer.source()).isEqualTo("agent/answerer");
        }
    }

    @Test
    void shouldSayThatNobodyAnswers() throws Exception {
        try (SignalboxClient client = client()) {
            Agent asker = client.agent("asker-2").attach();

            assertThatThrownBy(() -> asker.request(Message.to("agent/nobody", Payload.EMPTY), Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(
                            SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.NO_ROUTE));
        }
    }

    @Test
    void shouldSendToOneMemberOfAGroupAndToEverySubscriber() throws Exception {
        LinkedBlockingQueue<String> group = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<String> each = new LinkedBlockingQueue<>();
        try (SignalboxClient client = client()) {
            for (String id : List.of("member-1", "member-2")) {
                Agent member = client.agent(id)
                        .onMessage(message -> group.add(message.payload().text()))
                        .attach();
                member.subscribe("news/+", "readers");
            }
            Agent listener = client.agent("listener")
                    .onMessage(message -> each.add(message.payload().text()))
                    .attach();
            listener.subscribe("news/#");
            Agent sender = client.agent("news-sender").attach();

            List<String> sent =
                    IntStream.range(0, 20).mapToObj(Integer::toString).toList();
            for (String text : sent) {
                sender.publish(Message.to("news/today", Payload.text(text)));
            }

            Eventually.eventually("everything came", () -> group.size() >= 20 && each.size() >= 20);
            List<String> byGroup = new ArrayList<>(group);
            Collections.sort(byGroup);
            assertThat(byGroup).containsExactlyElementsOf(sent.stream().sorted().toList());
            assertThat(each).containsExactlyElementsOf(sent);
        }
    }

    @Test
    void shouldSupersedeAnAgentThatIsAttachedAgain() throws Exception {
        try (SignalboxClient old = client();
                SignalboxClient young = client()) {
            Agent first = old.agent("same-id").attach();

            Agent second = young.agent("same-id")
                    .skill("sdk.same", assignment -> number(7))
                    .attach();

            assertThat(second.generation()).isGreaterThan(first.generation());
            String task = http.submit("sdk.same", "{}");
            http.awaitState(task, "succeeded");
            assertThat(http.get("/v1/agents/same-id").json().path("generation").asLong())
                    .isEqualTo(second.generation());
        }
    }

    @Test
    void shouldRunAsManyTasksAtOnceAsItHasSlots() throws Exception {
        CountDownLatch together = new CountDownLatch(3);
        try (SignalboxClient client = client()) {
            client.agent("slots")
                    .slots(3)
                    .skill("sdk.slots", assignment -> {
                        together.countDown();
                        together.await();
                        return Payload.EMPTY;
                    })
                    .attach();

            List<String> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(http.submit("sdk.slots", "{}"));
            }

            for (String task : tasks) {
                http.awaitState(task, "succeeded");
            }
        }
    }

    @Test
    void shouldGiveTasksBackWhenItIsClosed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        SignalboxClient leaving = client();
        leaving.agent("leaving")
                .skill("sdk.leave", assignment -> {
                    begun.countDown();
                    TimeUnit.MINUTES.sleep(1);
                    return number(0);
                })
                .attach();
        String task = http.submit("sdk.leave", "{}");
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        try (SignalboxClient heir = client()) {
            heir.agent("leaving-heir")
                    .skill("sdk.leave", assignment -> number(assignment.attempt()))
                    .attach();

            leaving.close();

            http.awaitState(task, "succeeded");
        }
    }
}
