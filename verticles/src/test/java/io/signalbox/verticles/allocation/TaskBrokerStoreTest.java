package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.semver4j.Semver;

/** What happens to a task while something about it is being stored, or cannot be. */
final class TaskBrokerStoreTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final long FIRST_TOKEN = (1L << 32) + 1;

    private final BrokerFixture on = new BrokerFixture();

    /** A task with a deadline, brought into a state; it is the only one. */
    private UUID taskIn(State state) {
        if (state == State.ORPHANED) {
            TaskSpec spec = on.spec(5, deadline());
            on.broker.loadAssigned(spec, 1, 7, "a", on.now);
            return spec.id();
        }
        if (state == State.HELD) {
            TaskSpec spec = on.held(Samples.plan().approval(), deadline());
            on.effects = on.broker.submitted(spec, on.now);
            return spec.id();
        }
        UUID task = on.submit(5, deadline());
        if (state == State.WAITING) {
            return task;
        }
        on.connect("a", 1, 1);
        Effect.Assign assign = on.assigned();
        if (state == State.DELAYED) {
            on.fail(assign, true);
        } else if (state == State.SETTLING) {
            on.accepted(on.broker.complete("a", 1, task, assign.token()));
        }
        return task;
    }

    private Optional<Instant> deadline() {
        return Optional.of(on.now.plus(DEADLINE));
    }

    private void assertNothingIsKept() {
        assertThat(on.broker.view().open()).isZero();
        assertThat(on.broker.view().timers()).isZero();
        assertThat(on.broker.view().demands()).isZero();
        assertThat(on.broker.view().freeSlots()).isEqualTo(on.broker.view().agents());
    }

    @ParameterizedTest
    @EnumSource(value = State.class, names = "SETTLING", mode = EnumSource.Mode.EXCLUDE)
    void shouldCancelInEveryState(State state) {
        UUID task = taskIn(state);
        boolean held = state == State.ASSIGNED || state == State.ORPHANED;

        on.settle(task, on.broker.cancel(task, "me"));

        assertThat(on.effects)
                .extracting(effect -> ((Effect.Withdraw) effect).code())
                .isEqualTo(held ? List.of(Code.TASK_CANCELLED) : List.of());
        assertNothingIsKept();
        assertThat(on.broker.cancel(task, "me")).isInstanceOf(Verdict.NotOpen.class);
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void shouldBeInTheStateItWasInWhenACancelCannotBeStored(State state) {
        UUID task = taskIn(state);
        if (state != State.SETTLING) {
            on.accepted(on.broker.cancel(task, "me"));
        }
        State expected = state == State.SETTLING ? State.ASSIGNED : state;

        assertThat(on.broker.settleFailed(task, on.now)).isEmpty();

        assertThat(on.broker.view().count(expected)).isEqualTo(1);
        assertThat(on.broker.view().count(State.SETTLING)).isZero();
        on.settle(task, on.broker.cancel(task, "me"));
        assertNothingIsKept();
    }

    /** Looks at nothing while the cancel is being stored, and forgets nothing. */
    @ParameterizedTest
    @EnumSource(value = State.class, names = "SETTLING", mode = EnumSource.Mode.EXCLUDE)
    void shouldBuryATaskWhoseDeadlinePassedWhileACancelCouldNotBeStored(State state) {
        UUID task = taskIn(state);
        on.accepted(on.broker.cancel(task, "me"));
        on.pass(DEADLINE);
        assertThat(on.effects).isEmpty();

        on.effects = on.broker.settleFailed(task, on.now);

        assertThat(on.effects)
                .filteredOn(Effect.Bury.class::isInstance)
                .extracting(effect -> ((Effect.Bury) effect).code())
                .containsExactly(Code.DEADLINE_EXCEEDED);
        assertNothingIsKept();
    }

    @ParameterizedTest
    @EnumSource(value = State.class, names = "SETTLING", mode = EnumSource.Mode.EXCLUDE)
    void shouldBuryATaskAtItsDeadlineInEveryState(State state) {
        UUID task = taskIn(state);
        if (state == State.ASSIGNED) {
            on.pass(DEADLINE.dividedBy(3));
            on.broker.renew("a", 1, Map.of(task, token(task)), on.now);
            on.pass(DEADLINE.dividedBy(3));
            on.broker.renew("a", 1, Map.of(task, token(task)), on.now);
        }

        on.now = Samples.NOW.plus(DEADLINE);
        on.effects = on.broker.tick(on.now);

        assertThat(on.effects)
                .filteredOn(Effect.Bury.class::isInstance)
                .extracting(effect -> ((Effect.Bury) effect).code())
                .containsExactly(Code.DEADLINE_EXCEEDED);
        assertNothingIsKept();
    }

    /** Of the first assignment. */
    private long token(UUID task) {
        assertThat(on.broker.view().holds("a", 1, task, FIRST_TOKEN)).isTrue();
        return FIRST_TOKEN;
    }

    @Test
    void shouldGiveNobodyATaskWhoseCancelIsBeingStored() {
        UUID task = taskIn(State.WAITING);
        on.accepted(on.broker.cancel(task, "me"));

        on.connect("a", 1, 1);

        assertThat(on.effects).isEmpty();
    }

    /** A dead registration must not get anything, though its agent is there again with another one. */
    @Test
    void shouldGiveTheNextTaskToTheNewRegistrationOnly() {
        on.connect("a", 1, 5);
        on.connect("a", 2, 1);

        on.submit();
        assertThat(on.assigned().generation()).isEqualTo(2);
        on.submit();

        assertThat(on.effects).isEmpty();
    }

    @Test
    void shouldNotGiveATaskAwayWhoseDeadlinePassedWhileItsReturnWasStored() {
        UUID task = taskIn(State.ASSIGNED);
        on.connect("b", 2, 1);
        Settlement returned = on.accepted(on.broker.decline("a", 1, task, token(task), "busy", on.now));
        on.pass(DEADLINE);

        on.effects = on.broker.settled(task, returned, on.now);

        assertThat(on.effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Bury.class, bury -> assertThat(bury.code()).isEqualTo(Code.DEADLINE_EXCEEDED));
        assertNothingIsKept();
    }

    @Test
    void shouldTakeAResultThatWasSaidInTimeThoughItIsStoredLate() {
        UUID task = taskIn(State.SETTLING);
        on.pass(DEADLINE);
        assertThat(on.effects).isEmpty();

        on.effects = on.broker.settled(task, new Settlement.Succeeded(), on.now);

        assertThat(on.effects).isEmpty();
        assertNothingIsKept();
    }

    /** The store was slower than the wait: the agents that are free meanwhile must not be forgotten. */
    @Test
    void shouldGiveARetryWhoseTimeHasComeToAnyFreeAgent() {
        UUID task = on.submit();
        on.connect("a", 1, 1);
        Settlement retry = on.accepted(
                on.broker.fail("a", 1, task, on.assigned().token(), Code.AGENT_FAILED, "no luck", true, on.now));
        on.connect("b", 2, 1);
        on.broker.gone("a", 1, on.now);
        on.now = on.now.plusSeconds(9);

        on.effects = on.broker.settled(task, retry, on.now);

        assertThat(on.assigned().agent()).isEqualTo("b");
        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldNotCountAnAssignmentThatCouldNotBeStoredWhileACancelWasUnderWay() {
        UUID task = taskIn(State.ASSIGNED);
        long token = token(task);
        on.accepted(on.broker.cancel(task, "me"));
        on.broker.pause();

        on.effects = on.broker.assignFailed(task, token, on.now);
        assertThat(on.effects).isEmpty();
        assertThat(on.broker.view().freeSlots()).isEqualTo(1);
        on.broker.settleFailed(task, on.now);
        on.effects = on.broker.resume(on.now);

        assertThat(on.assigned().attempt()).isEqualTo(1);
        assertThat(on.assigned().token()).isGreaterThan(token);
    }

    @Test
    void shouldTellNobodyOfACancelWhenTheAssignmentWasNeverStored() {
        UUID task = taskIn(State.ASSIGNED);
        Settlement cancelled = on.accepted(on.broker.cancel(task, "me"));
        on.broker.assignFailed(task, FIRST_TOKEN, on.now);

        on.effects = on.broker.settled(task, cancelled, on.now);

        assertThat(on.effects).isEmpty();
        assertNothingIsKept();
    }

    /** It would be refused again at once, and again. */
    @Test
    void shouldWaitBeforeItTriesAnAssignmentAgainThatAWorkingStoreRefused() {
        UUID task = taskIn(State.ASSIGNED);

        assertThat(on.broker.assignFailed(task, FIRST_TOKEN, on.now)).isEmpty();
        assertThat(on.broker.view().standing(task, on.now).orElseThrow().code()).isEqualTo(Code.BACKING_OFF);
        on.pass(Duration.ofMillis(999));
        assertThat(on.effects).isEmpty();

        on.pass(Duration.ofMillis(1));

        assertThat(on.assigned().attempt()).isEqualTo(1);
    }

    @Test
    void shouldTellNobodyOfADeadlineThatPassedWhileTheAssignmentCouldNotBeStored() {
        on.connect("a", 1, 1);
        UUID task = on.submit(5, deadline());
        Effect.Assign assign = on.assigned();

        on.effects = on.broker.assignFailed(task, assign.token(), on.now.plus(DEADLINE));

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Bury.class);
    }

    @Test
    void shouldGiveTheAgentAnotherTaskWhenAnAssignmentWasRefused() {
        UUID refused = taskIn(State.ASSIGNED);
        UUID other = on.submit();

        on.effects = on.broker.assignFailed(refused, FIRST_TOKEN, on.now);

        assertThat(on.assigned().task()).isEqualTo(other);
    }

    @Test
    void shouldIgnoreThatAnOldAssignmentCouldNotBeStored() {
        UUID task = taskIn(State.ASSIGNED);
        on.pass(BrokerFixture.LEASE);
        Effect.Assign second = on.assigned();

        assertThat(on.broker.assignFailed(task, FIRST_TOKEN, on.now)).isEmpty();
        assertThat(on.broker.assignFailed(new UUID(8, 8), FIRST_TOKEN, on.now)).isEmpty();

        assertThat(on.broker.view().holds("a", 1, task, second.token())).isTrue();
    }

    /** Each queue for itself would give the agent what happens to come first in a map. */
    @ParameterizedTest
    @EnumSource(Order.class)
    void shouldGiveTheMostUrgentOfAllSkillsFirstAfterAnOutage(Order order) {
        on.broker.pause();
        for (int i = 0; i < 8; i++) {
            int priority = order == Order.RISING ? i : 7 - i;
            on.broker.submitted(
                    Samples.spec(new UUID(1, priority), "s" + i, "", priority, on.now, Optional.empty(), 3), on.now);
        }
        List<AgentSkill> skills = IntStream.range(0, 8)
                .mapToObj(i -> new AgentSkill("s" + i, Semver.parse("1.0.0")))
                .toList();
        on.broker.connected(new RosterAgent("all", 1, skills, 2), Map.of(), on.now);

        on.effects = on.broker.resume(on.now);

        assertThat(on.effects).extracting(Effect::task).containsExactly(new UUID(1, 7), new UUID(1, 6));
    }

    enum Order {
        RISING,
        FALLING
    }

    @Test
    void shouldGiveEveryoneWorkAfterAnOutageAndLeaveTheRestWaiting() {
        on.broker.pause();
        on.connect("a", 1, 2);
        on.connect("b", 2, 1);
        for (int i = 0; i < 5; i++) {
            on.submit();
        }

        on.effects = on.broker.resume(on.now);

        assertThat(on.effects).hasSize(3).allMatch(Effect.Assign.class::isInstance);
        assertThat(on.broker.view().count(State.WAITING)).isEqualTo(2);
        assertThat(on.broker.view().freeSlots()).isZero();
    }

    /** After 2^32 tokens of one incarnation the next one would begin below them. */
    @Test
    void shouldGiveGreaterTokensThanAnyThatWasLoaded() {
        TaskBroker broker = new TaskBroker(BrokerFixture.SETTINGS, 10, new Random(1));
        TaskSpec waiting = on.spec(5, Optional.empty());
        broker.loadWaiting(waiting, 1, 500, Instant.EPOCH, on.now);
        broker.loadAssigned(on.spec(5, Optional.empty()), 1, 700, "other", on.now);

        on.effects = broker.connected(Samples.agent("a", 1, BrokerFixture.SKILL + "@1.0.0"), Map.of(), on.now);

        assertThat(on.assigned().token()).isGreaterThan(700);
    }
}
