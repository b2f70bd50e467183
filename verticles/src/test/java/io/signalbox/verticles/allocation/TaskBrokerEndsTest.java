package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How assignments and tasks end. */
final class TaskBrokerEndsTest {
    private final BrokerFixture on = new BrokerFixture();

    @Test
    void shouldBuryATaskAfterItsLastAttempt() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        on.pass(BrokerFixture.LEASE);
        on.pass(BrokerFixture.LEASE);
        assertThat(on.assigned().attempt()).isEqualTo(3);

        on.pass(BrokerFixture.LEASE);

        assertThat(on.effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Bury.class,
                                bury -> assertThat(bury.code()).isEqualTo(Code.ATTEMPTS_EXHAUSTED)));
        assertThat(on.broker.view().standing(task, on.now)).isEmpty();
        assertThat(on.broker.view().open()).isZero();
    }

    @Test
    void shouldRetryAFailedAttemptAfterItsBackoff() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();

        Settlement settlement =
                on.accepted(on.broker.fail("a", 1, task, assign.token(), Code.AGENT_FAILED, "no luck", true, on.now));
        on.effects = on.broker.settled(task, settlement, on.now);

        assertThat(settlement).isInstanceOf(Settlement.Retry.class);
        assertThat(on.effects).isEmpty();
        assertThat(on.broker.view().standing(task, on.now).orElseThrow().code()).isEqualTo(Code.BACKING_OFF);
        on.pass(BrokerFixture.SETTINGS.backoffInitial());
        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldBuryAtOnceWhatCannotBeRetried() {
        on.connect("a", 1, 1);
        UUID task = on.submit();

        Settlement settlement = on.accepted(
                on.broker.fail("a", 1, task, on.assigned().token(), Code.AGENT_FAILED, "never", false, on.now));

        assertThat(settlement).isInstanceOf(Settlement.Dead.class);
    }

    @Test
    void shouldNotCountADeclinedAttemptNorAskTheSameAgentAtOnce() {
        on.connect("a", 1, 1);
        UUID task = on.submit();

        Settlement settlement =
                on.accepted(on.broker.decline("a", 1, task, on.assigned().token(), "busy", on.now));
        on.effects = on.broker.settled(task, settlement, on.now);

        assertThat(on.effects).isEmpty();
        on.connect("b", 2, 1);
        assertThat(on.assigned().agent()).isEqualTo("b");
        assertThat(on.assigned().attempt()).isEqualTo(1);
    }

    @Test
    void shouldAskAnAgentAgainSomeTimeAfterItDeclined() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        on.effects = on.broker.settled(
                task, on.accepted(on.broker.decline("a", 1, task, on.assigned().token(), "busy", on.now)), on.now);

        on.pass(Duration.ofSeconds(5));

        assertThat(on.assigned().agent()).isEqualTo("a");
    }

    @Test
    void shouldBuryATaskWhoseDeadlinePassed() {
        on.connect("a", 1, 1);
        UUID task = on.submit(5, Optional.of(on.now.plusSeconds(2)));
        Effect.Assign assign = on.assigned();

        on.pass(Duration.ofSeconds(2));

        assertThat(on.effects).anySatisfy(effect -> assertThat(effect).isInstanceOf(Effect.Withdraw.class));
        assertThat(on.effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Bury.class,
                                bury -> assertThat(bury.code()).isEqualTo(Code.DEADLINE_EXCEEDED)));
        assertThat(on.broker.complete("a", 1, task, assign.token())).isInstanceOf(Verdict.NotOpen.class);
        assertThat(on.broker.view().freeSlots()).isEqualTo(1);
    }

    @Test
    void shouldCancelAWaitingTask() {
        UUID task = on.submit();

        on.effects = on.broker.settled(task, on.accepted(on.broker.cancel(task, "me")), on.now);

        assertThat(on.effects).isEmpty();
        on.connect("a", 1, 1);
        assertThat(on.effects).isEmpty();
        assertThat(on.broker.cancel(task, "me")).isInstanceOf(Verdict.NotOpen.class);
    }

    @Test
    void shouldTellTheAgentWhenItsTaskIsCancelled() {
        on.connect("a", 1, 1);
        UUID task = on.submit();

        on.effects = on.broker.settled(task, on.accepted(on.broker.cancel(task, "me")), on.now);

        assertThat(on.effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Withdraw.class,
                        withdraw -> assertThat(withdraw.code()).isEqualTo(Code.TASK_CANCELLED));
        assertThat(on.broker.view().freeSlots()).isEqualTo(1);
    }

    @Test
    void shouldLetNobodyElseEndATaskWhoseEndIsBeingStored() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();
        on.accepted(on.broker.complete("a", 1, task, assign.token()));

        assertThat(on.broker.cancel(task, "me"))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code().retry()).isTrue());
        on.pass(BrokerFixture.LEASE);
        assertThat(on.effects).isEmpty();
    }

    @Test
    void shouldGoOnAsBeforeWhenAnEndCouldNotBeStored() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();
        on.accepted(on.broker.complete("a", 1, task, assign.token()));

        assertThat(on.broker.settleFailed(task, on.now)).isEmpty();

        assertThat(on.broker.complete("a", 1, task, assign.token())).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldTakeTheTaskBackWhenItsAgentLeftWhileAnEndCouldNotBeStored() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        on.accepted(on.broker.complete("a", 1, task, on.assigned().token()));
        assertThat(on.broker.gone("a", 1, on.now)).isEmpty();

        on.effects = on.broker.settleFailed(task, on.now);

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Requeue.class);
    }

    @Test
    void shouldQueueAgainWhatCouldNotBeStoredAsAssigned() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();
        on.broker.pause();

        assertThat(on.broker.assignFailed(task, assign.token(), on.now)).isEmpty();
        assertThat(on.broker.view().freeSlots()).isEqualTo(1);
        on.effects = on.broker.resume(on.now);

        assertThat(on.assigned().attempt()).isEqualTo(1);
        assertThat(on.assigned().token()).isGreaterThan(assign.token());
    }

    @Test
    void shouldAssignNothingWhileTheStoreIsAway() {
        on.broker.pause();
        on.connect("a", 1, 1);

        on.submit();

        assertThat(on.effects).isEmpty();
        on.effects = on.broker.resume(on.now);
        assertThat(on.assigned().agent()).isEqualTo("a");
    }
}
