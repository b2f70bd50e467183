package io.signalbox.sdk;

import static io.signalbox.sdk.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Assign;
import io.signalbox.codecs.proto.CancelAssignment;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Entry.BodyCase;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.codecs.proto.Settled;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From an assignment to its settled outcome, whatever happens between. */
@Timeout(30)
final class AssignmentRunTest {
    private static final String TASK = "task-1";

    private final FakeNode node;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private SignalboxClient client;
    private int handle;

    AssignmentRunTest() throws IOException {
        node = new FakeNode();
    }

    @BeforeEach
    void connect() throws InterruptedException {
        client = SignalboxClient.connect(ClientOptions.builder(node.url())
                .reconnect(Duration.ofMillis(1), Duration.ofMillis(50))
                .drainTimeout(Duration.ofMillis(50))
                .build());
    }

    @AfterEach
    void close() throws IOException {
        client.simulateCrash();
        node.close();
    }

    private Agent attach(TaskHandler handler) throws InterruptedException {
        Agent agent = client.agent("a").skill("s", handler).attach();
        handle = node.await(BodyCase.ATTACH).getAgent();
        return agent;
    }

    private static Assign.Builder assignment(long token) {
        return Assign.newBuilder().setTask(TASK).setToken(token).setSkill("s").setLeaseMs(600_000);
    }

    private void assign(Assign.Builder assign) throws IOException {
        node.send(Entry.newBuilder().setAgent(handle).setAssign(assign));
    }

    private void cancel(long token) throws IOException {
        node.send(Entry.newBuilder()
                .setAgent(handle)
                .setCancelAssignment(CancelAssignment.newBuilder().setTask(TASK).setToken(token)));
    }

    /** Works until it is interrupted. */
    private Payload hang(Assignment assignment) throws InterruptedException {
        begun.countDown();
        try {
            new CountDownLatch(1).await();
            return Payload.EMPTY;
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldShowTheHandlerWhatTheNodeSaid() throws Exception {
        LinkedBlockingQueue<Assignment> seen = new LinkedBlockingQueue<>();
        attach(assignment -> {
            seen.add(assignment);
            return Payload.text("out");
        });

        assign(assignment(7)
                .setSkillVersion("1.2.0")
                .setAttempt(3)
                .setPriority(9)
                .setDeadline(1_900_000_000_000L)
                .setTraceparent("00-a-b-01")
                .putLabels("k", "v")
                .setContentType("text/plain")
                .setInput(ByteString.copyFromUtf8("in")));

        Assignment assignment = seen.poll(20, TimeUnit.SECONDS);
        assertThat(assignment.task()).isEqualTo(TASK).isEqualTo(assignment.idempotencyKey());
        assertThat(assignment.fencingToken()).isEqualTo(7);
        assertThat(assignment.skill()).isEqualTo("s");
        assertThat(assignment.skillVersion()).isEqualTo("1.2.0");
        assertThat(assignment.attempt()).isEqualTo(3);
        assertThat(assignment.priority()).isEqualTo(9);
        assertThat(assignment.deadline()).contains(Instant.ofEpochMilli(1_900_000_000_000L));
        assertThat(assignment.traceparent()).isEqualTo("00-a-b-01");
        assertThat(assignment.labels()).containsEntry("k", "v");
        assertThat(assignment.input().text()).isEqualTo("in");
        assertThat(assignment.isCancelled()).isFalse();
        assertThat(assignment).hasToString("task task-1, attempt 3");
        Entry complete = node.await(BodyCase.COMPLETE);
        assertThat(complete.getAgent()).isEqualTo(handle);
        assertThat(complete.getComplete().getTask()).isEqualTo(TASK);
        assertThat(complete.getComplete().getToken()).isEqualTo(7);
        assertThat(complete.getComplete().getContentType()).isEqualTo("text/plain");
        assertThat(complete.getComplete().getOutput().toStringUtf8()).isEqualTo("out");
    }

    private enum Ending {
        FAILED_FOR_NOW(BodyCase.FAIL, new TaskFailedException("why", true)),
        FAILED_FOR_GOOD(BodyCase.FAIL, new TaskFailedException("why", false)),
        DECLINED(BodyCase.DECLINE, new TaskDeclinedException("why")),
        BROKEN(BodyCase.FAIL, new IllegalStateException("why")),
        BROKEN_BADLY(BodyCase.FAIL, new AssertionError("why")),
        OUT_OF_STACK(BodyCase.FAIL, new StackOverflowError("why"));

        private final BodyCase told;
        private final Throwable thrown;

        Ending(BodyCase told, Throwable thrown) {
            this.told = told;
            this.thrown = thrown;
        }

        Payload end() throws Exception {
            if (thrown instanceof Exception exception) {
                throw exception;
            }
            throw (Error) thrown;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellWhatTheHandlerThrew(Ending ending) throws Exception {
        Agent agent = attach(assignment -> ending.end());

        assign(assignment(7));

        Entry told = node.await(ending.told);
        assertThat(told.toString()).contains(TASK, "why");
        assertThat(told.getFail().getRetryable())
                .isEqualTo(ending.told == BodyCase.FAIL && ending != Ending.FAILED_FOR_GOOD);
        awaitNothingHeld(agent);
    }

    private static void awaitNothingHeld(Agent agent) {
        eventually("nothing is held", () -> agent.assignments() == 0);
    }

    @Test
    void shouldFailAnAttemptWhoseHandlerReturnsNothing() throws Exception {
        attach(assignment -> null);

        assign(assignment(7));

        assertThat(node.await(BodyCase.FAIL).getFail().getReason()).contains("null");
    }

    @Test
    void shouldShortenAReasonThatNoFrameCanCarry() throws Exception {
        attach(assignment -> {
            throw new TaskFailedException("x".repeat(300_000), true);
        });

        assign(assignment(7));

        assertThat(node.await(BodyCase.FAIL).getFail().getReason()).isEqualTo("x".repeat(1000));
    }

    @Test
    void shouldFailForGoodWhenTheOutputIsTooLarge() throws Exception {
        attach(assignment -> Payload.text("x".repeat(200_000)));

        assign(assignment(7));

        assertThat(node.await(BodyCase.FAIL).getFail().getRetryable()).isFalse();
    }

    @Test
    void shouldSayTheOutcomeAgainUntilTheNodeHasTakenIt() throws Exception {
        node.failing(BodyCase.COMPLETE, 3, Code.UNAVAILABLE);
        Agent agent = attach(assignment -> Payload.text("out"));

        assign(assignment(7));

        for (int i = 0; i < 4; i++) {
            assertThat(node.await(BodyCase.COMPLETE).getComplete().getToken()).isEqualTo(7);
        }
        awaitNothingHeld(agent);
        assertThat(node.has(BodyCase.COMPLETE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSayTheOutcomeAgainWhenTheConnectionIsLostBeforeTheAnswer(boolean resumed) throws Exception {
        FakeNode.Answer settling = node.answering(BodyCase.COMPLETE, complete -> Optional.empty());
        Agent agent = attach(assignment -> Payload.text("out"));
        assign(assignment(7));
        node.await(BodyCase.COMPLETE);
        if (resumed) {
            node.resuming();
        }

        node.on(BodyCase.COMPLETE, settling);
        node.cut();

        node.await(BodyCase.COMPLETE);
        awaitNothingHeld(agent);
    }

    @ParameterizedTest
    @ValueSource(ints = {3104, 3106})
    void shouldNotInsistOnAnOutcomeThatTheNodeDoesNotTake(int code) throws Exception {
        node.on(
                BodyCase.COMPLETE,
                complete -> Optional.of(
                        Entry.newBuilder().setSettled(Settled.newBuilder().setCode(code))));
        Agent agent = attach(assignment -> Payload.text("out"));

        assign(assignment(7));

        node.await(BodyCase.COMPLETE);
        awaitNothingHeld(agent);
        assertThat(node.has(BodyCase.COMPLETE)).isFalse();
    }

    @Test
    void shouldTellTheNewSessionWhatIsHeld() throws Exception {
        attach(this::hang);
        assign(assignment(7));
        await(begun);

        node.cut();

        assertThat(node.await(BodyCase.ATTACH).getAttach().getHeldList())
                .containsExactly(
                        HeldAssignment.newBuilder().setTask(TASK).setToken(7).build());
    }

    @Test
    void shouldRenewTheLeaseUntilTheHandlerIsDone() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Agent agent = attach(assignment -> {
            goOn.await();
            return Payload.EMPTY;
        });

        assign(assignment(7).setLeaseMs(30));

        for (int i = 0; i < 3; i++) {
            assertThat(node.await(BodyCase.RENEW).getRenew().getAssignmentsList())
                    .extracting(HeldAssignment::getTask, HeldAssignment::getToken)
                    .containsExactly(tuple(TASK, 7L));
        }
        goOn.countDown();
        awaitNothingHeld(agent);
    }

    @Test
    void shouldInterruptACancelledHandlerAndTellNoOutcome() throws Exception {
        Agent agent = attach(this::hang);
        assign(assignment(7));
        await(begun);

        cancel(7);

        await(interrupted);
        awaitNothingHeld(agent);
        agent.publish(Message.to("x", Payload.EMPTY));
        assertThat(node.has(BodyCase.FAIL)).isFalse();
    }

    @Test
    void shouldLeaveTheHandlerAloneWhenAnotherTokenIsCancelled() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        attach(assignment -> {
            begun.countDown();
            goOn.await();
            return Payload.EMPTY;
        });
        assign(assignment(7));
        await(begun);

        cancel(6);
        cancel(8);
        goOn.countDown();

        node.await(BodyCase.COMPLETE);
    }

    @Test
    void shouldRunWhatIsAssignedAnewInsteadOfWhatItHad() throws Exception {
        attach(assignment -> assignment.fencingToken() == 7 ? hang(assignment) : Payload.text("second"));
        assign(assignment(7));
        await(begun);

        assign(assignment(8));

        await(interrupted);
        assertThat(node.await(BodyCase.COMPLETE).getComplete().getToken()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7})
    void shouldTakeNoNoticeOfAnAssignmentThatIsNoNewer(long token) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        LinkedBlockingQueue<Long> runs = new LinkedBlockingQueue<>();
        Agent agent = attach(assignment -> {
            runs.add(assignment.fencingToken());
            goOn.await();
            return Payload.EMPTY;
        });
        assign(assignment(7));

        assign(assignment(token));
        assign(assignment(1).setTask("other"));

        assertThat(runs.poll(20, TimeUnit.SECONDS) + runs.poll(20, TimeUnit.SECONDS))
                .isEqualTo(8);
        assertThat(agent.assignments()).isEqualTo(2);
        goOn.countDown();
    }

    @Test
    void shouldDeclineWhatItHasNoHandlerFor() throws Exception {
        attach(assignment -> Payload.EMPTY);

        assign(assignment(7).setSkill("unknown"));

        assertThat(node.await(BodyCase.DECLINE).getDecline().getReason()).contains("unknown");
    }

    @Test
    void shouldGiveBackWhatIsNotDoneInTimeAndThenLeave() throws Exception {
        Agent agent = attach(this::hang);
        assign(assignment(7));
        await(begun);

        agent.close(Duration.ZERO);

        assertThat(node.await(BodyCase.DECLINE).getDecline().getToken()).isEqualTo(7);
        node.await(BodyCase.DETACH);
    }

    @Test
    void shouldWaitForWhatIsUnderWayAndTakeNothingNewWhileItLeaves() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Agent agent = attach(assignment -> {
            begun.countDown();
            goOn.await();
            return Payload.EMPTY;
        });
        assign(assignment(7));
        await(begun);
        Thread closing = Thread.ofVirtual().start(() -> agent.close(Duration.ofSeconds(20)));
        Eventually.waiting(closing);

        assign(assignment(1).setTask("late"));
        assertThat(node.await(BodyCase.DECLINE).getDecline().getTask()).isEqualTo("late");
        goOn.countDown();

        assertThat(node.await(BodyCase.COMPLETE).getComplete().getTask()).isEqualTo(TASK);
        node.await(BodyCase.DETACH);
        closing.join();
    }

    @Test
    void shouldInterruptItsHandlersWhenTheClientGivesUp() throws Exception {
        attach(this::hang);
        assign(assignment(7));
        await(begun);

        node.closeWith(Code.CLOSE_PROTOCOL_ERROR.number());

        await(interrupted);
    }

    @Test
    void shouldTellProgressWhileItRunsAndNoneThatThereIsNot() throws Exception {
        attach(assignment -> {
            for (double wrong : new double[] {-0.1, 100.1, Double.NaN}) {
                assertThatThrownBy(() -> assignment.progress(wrong, "")).isInstanceOf(IllegalArgumentException.class);
            }
            assignment.progress(100, "all");
            return Payload.EMPTY;
        });

        assign(assignment(7));

        assertThat(node.await(BodyCase.PROGRESS).getProgress())
                .isEqualTo(Progress.newBuilder()
                        .setTask(TASK)
                        .setToken(7)
                        .setPercent(100)
                        .setMessage("all")
                        .build());
        node.await(BodyCase.COMPLETE);
    }

    @Test
    void shouldTellProgressWithoutHarmWhileConnectionsComeAndGo() throws Exception {
        node.resuming();
        CountDownLatch lost = new CountDownLatch(20);
        attach(assignment -> {
            while (lost.getCount() > 0) {
                assignment.progress(50, "half");
            }
            return Payload.text("out");
        });
        assign(assignment(7));

        while (lost.getCount() > 0) {
            node.await(BodyCase.PROGRESS);
            client.simulateConnectionLoss();
            lost.countDown();
        }

        node.await(BodyCase.COMPLETE);
        assertThat(node.has(BodyCase.FAIL)).isFalse();
    }
}
