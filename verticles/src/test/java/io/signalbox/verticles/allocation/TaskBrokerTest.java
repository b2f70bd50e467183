package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

final class TaskBrokerTest {
    private static final String SKILL = "text.echo";
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final BrokerSettings SETTINGS =
            new BrokerSettings(100, LEASE, GRACE, Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(10));

    private final TaskBroker broker = new TaskBroker(SETTINGS, 1L << 32, new Random(3));
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private long ids;

    private UUID submit() {
        return submit(5, Optional.empty());
    }

    private UUID submit(int priority, Optional<Instant> deadline) {
        TaskSpec spec = spec(priority, deadline);
        effects = broker.submitted(spec, now);
        return spec.id();
    }

    private TaskSpec spec(int priority, Optional<Instant> deadline) {
        return new TaskSpec(new UUID(0, ++ids), SKILL, "", priority, now, deadline, 3);
    }

    private List<Effect> effects = List.of();

    private void connect(String id, long generation, int slots) {
        connect(id, generation, slots, Map.of());
    }

    private void connect(String id, long generation, int slots, Map<UUID, Long> held) {
        RosterAgent agent =
                new RosterAgent(id, generation, List.of(new AgentSkill(SKILL, Semver.parse("1.2.0"))), slots);
        effects = broker.connected(agent, held, now);
    }

    private void pass(Duration time) {
        now = now.plus(time);
        effects = broker.tick(now);
    }

    private Effect.Assign assigned() {
        return effects.stream()
                .filter(Effect.Assign.class::isInstance)
                .map(Effect.Assign.class::cast)
                .reduce((a, b) -> {
                    throw new AssertionError("more than one assignment: " + effects);
                })
                .orElseThrow(() -> new AssertionError("no assignment in " + effects));
    }

    private Settlement accepted(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).settlement();
    }

    private void complete(Effect.Assign assign) {
        Settlement settlement =
                accepted(broker.complete(assign.agent(), assign.generation(), assign.task(), assign.token()));
        effects = broker.settled(assign.task(), settlement, now);
    }

    @Test
    void shouldAssignAtOnceWhenAnAgentIsFree() {
        connect("a", 1, 1);

        UUID task = submit();

        assertThat(assigned().task()).isEqualTo(task);
        assertThat(assigned().agent()).isEqualTo("a");
        assertThat(assigned().attempt()).isEqualTo(1);
        assertThat(assigned().skillVersion()).isEqualTo("1.2.0");
        assertThat(assigned().token()).isGreaterThan(1L << 32);
    }

    @Test
    void shouldAssignWhenAnAgentComes() {
        UUID task = submit();
        assertThat(effects).isEmpty();

        connect("a", 1, 1);

        assertThat(assigned().task()).isEqualTo(task);
    }

    @Test
    void shouldGiveTheNextTaskWhenASlotIsFreeAgain() {
        connect("a", 1, 1);
        submit();
        Effect.Assign first = assigned();
        UUID second = submit();
        assertThat(effects).isEmpty();

        complete(first);

        assertThat(assigned().task()).isEqualTo(second);
        assertThat(assigned().token()).isGreaterThan(first.token());
    }

    @Test
    void shouldGiveUrgentTasksFirst() {
        submit(2, Optional.empty());
        UUID urgent = submit(9, Optional.empty());

        connect("a", 1, 1);

        assertThat(assigned().task()).isEqualTo(urgent);
    }

    @Test
    void shouldNotStarveALowPriorityTask() {
        UUID old = submit(0, Optional.empty());
        now = now.plus(Duration.ofSeconds(91));
        submit(9, Optional.empty());

        connect("a", 1, 1);

        assertThat(assigned().task()).isEqualTo(old);
    }

    @Test
    void shouldSayWhyATaskWaits() {
        UUID task = submit();
        assertThat(broker.standing(task, now).orElseThrow().code()).isEqualTo(Code.NO_SUCH_SKILL);

        connect("a", 1, 1);
        UUID second = submit();

        assertThat(broker.standing(second, now).orElseThrow().code()).isEqualTo(Code.ALL_BUSY);
    }

    @Test
    void shouldRefuseToFailFastOnlyWhenNoAgentHasTheSkill() {
        TaskSpec.Demand demand = new TaskSpec.Demand(SKILL, "^1.0");
        assertThat(broker.refuses(demand, true).orElseThrow().code()).isEqualTo(Code.NO_SUCH_SKILL);
        assertThat(broker.refuses(demand, false)).isEmpty();

        connect("a", 1, 1);

        assertThat(broker.refuses(demand, true)).isEmpty();
        assertThat(broker.refuses(new TaskSpec.Demand(SKILL, "^2"), true)).isPresent();
    }

    @Test
    void shouldTakeNoMoreTasksThanItMay() {
        for (int i = 0; i < SETTINGS.maxOpenTasks(); i++) {
            submit();
        }

        assertThat(broker.refuses(new TaskSpec.Demand(SKILL, ""), false)
                        .orElseThrow()
                        .code())
                .isEqualTo(Code.OVERLOADED);
    }

    @Test
    void shouldAssignOnlyVersionsInTheRange() {
        connect("a", 1, 1);
        TaskSpec newer = new TaskSpec(new UUID(0, 99), SKILL, "^2.0.0", 5, now, Optional.empty(), 3);

        assertThat(broker.submitted(newer, now)).isEmpty();
    }

    @Test
    void shouldTakeTheTaskBackWhenTheLeaseRunsOut() {
        connect("a", 1, 1);
        UUID task = submit();
        Effect.Assign first = assigned();

        pass(LEASE);

        assertThat(effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Withdraw.class,
                                withdraw -> assertThat(withdraw.token()).isEqualTo(first.token())));
        assertThat(effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Requeue.class,
                                requeue -> assertThat(requeue.code()).isEqualTo(Code.LEASE_EXPIRED)));
        assertThat(assigned().task()).isEqualTo(task);
        assertThat(assigned().attempt()).isEqualTo(2);
        assertThat(broker.complete("a", 1, task, first.token()))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.TOKEN_SUPERSEDED));
    }

    @Test
    void shouldKeepARenewedLease() {
        connect("a", 1, 1);
        UUID task = submit();
        Effect.Assign assign = assigned();
        pass(LEASE.minusSeconds(1));

        assertThat(broker.renew("a", 1, Map.of(task, assign.token()), now)).isEmpty();
        pass(LEASE.minusSeconds(1));

        assertThat(effects).isEmpty();
        assertThat(broker.holds("a", 1, task, assign.token())).isTrue();
    }

    @Test
    void shouldTellARenewerThatItsTokenIsDead() {
        connect("a", 1, 1);

        assertThat(broker.renew("a", 1, Map.of(new UUID(7, 7), 5L), now))
                .singleElement()
                .isInstanceOf(Effect.Withdraw.class);
    }

    @Test
    void shouldBuryATaskAfterItsLastAttempt() {
        connect("a", 1, 1);
        UUID task = submit();
        pass(LEASE);
        pass(LEASE);
        assertThat(assigned().attempt()).isEqualTo(3);

        pass(LEASE);

        assertThat(effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Bury.class,
                                bury -> assertThat(bury.code()).isEqualTo(Code.ATTEMPTS_EXHAUSTED)));
        assertThat(broker.standing(task, now)).isEmpty();
        assertThat(broker.open()).isZero();
    }

    @Test
    void shouldRetryAFailedAttemptAfterItsBackoff() {
        connect("a", 1, 1);
        UUID task = submit();
        Effect.Assign assign = assigned();

        Settlement settlement =
                accepted(broker.fail("a", 1, task, assign.token(), Code.AGENT_FAILED, "no luck", true, now));
        effects = broker.settled(task, settlement, now);

        assertThat(settlement).isInstanceOf(Settlement.Retry.class);
        assertThat(effects).isEmpty();
        assertThat(broker.standing(task, now).orElseThrow().code()).isEqualTo(Code.BACKING_OFF);
        pass(SETTINGS.backoffInitial());
        assertThat(assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldBuryAtOnceWhatCannotBeRetried() {
        connect("a", 1, 1);
        UUID task = submit();

        Settlement settlement =
                accepted(broker.fail("a", 1, task, assigned().token(), Code.AGENT_FAILED, "never", false, now));

        assertThat(settlement).isInstanceOf(Settlement.Dead.class);
    }

    @Test
    void shouldNotCountADeclinedAttemptNorAskTheSameAgentAtOnce() {
        connect("a", 1, 1);
        UUID task = submit();

        Settlement settlement = accepted(broker.decline("a", 1, task, assigned().token(), "busy", now));
        effects = broker.settled(task, settlement, now);

        assertThat(effects).isEmpty();
        connect("b", 2, 1);
        assertThat(assigned().agent()).isEqualTo("b");
        assertThat(assigned().attempt()).isEqualTo(1);
    }

    @Test
    void shouldAskAnAgentAgainSomeTimeAfterItDeclined() {
        connect("a", 1, 1);
        UUID task = submit();
        effects = broker.settled(
                task, accepted(broker.decline("a", 1, task, assigned().token(), "busy", now)), now);

        pass(Duration.ofSeconds(5));

        assertThat(assigned().agent()).isEqualTo("a");
    }

    @Test
    void shouldBuryATaskWhoseDeadlinePassed() {
        connect("a", 1, 1);
        UUID task = submit(5, Optional.of(now.plusSeconds(2)));
        Effect.Assign assign = assigned();

        pass(Duration.ofSeconds(2));

        assertThat(effects).anySatisfy(effect -> assertThat(effect).isInstanceOf(Effect.Withdraw.class));
        assertThat(effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Bury.class,
                                bury -> assertThat(bury.code()).isEqualTo(Code.DEADLINE_EXCEEDED)));
        assertThat(broker.complete("a", 1, task, assign.token())).isInstanceOf(Verdict.NotOpen.class);
        assertThat(broker.freeSlots()).isEqualTo(1);
    }

    @Test
    void shouldTakeBackEverythingOfAnAgentThatIsGone() {
        connect("a", 1, 2);
        UUID first = submit();
        UUID second = submit();

        effects = broker.gone("a", 1, now);

        assertThat(effects)
                .filteredOn(Effect.Requeue.class::isInstance)
                .extracting(Effect::task)
                .containsExactlyInAnyOrder(first, second);
        assertThat(broker.agents()).isZero();
    }

    @Test
    void shouldGiveASuspendedAgentNothingAndLeaveItWhatItHas() {
        connect("a", 1, 2);
        UUID task = submit();
        Effect.Assign assign = assigned();

        broker.suspended("a", 1);
        submit();

        assertThat(effects).isEmpty();
        assertThat(broker.holds("a", 1, task, assign.token())).isTrue();
        connect("a", 1, 2);
        assertThat(effects).hasSize(1);
    }

    @Test
    void shouldIgnoreWhatIsSaidOfAnOldGeneration() {
        connect("a", 5, 1);
        submit();
        Effect.Assign assign = assigned();

        assertThat(broker.gone("a", 4, now)).isEmpty();
        broker.suspended("a", 4);
        connect("a", 4, 9);

        assertThat(broker.holds("a", 5, assign.task(), assign.token())).isTrue();
        assertThat(broker.agents()).isEqualTo(1);
    }

    @Test
    void shouldLetAnAgentGoOnWithWhatItHoldsWhenItIsAttachedAnew() {
        connect("a", 1, 2);
        UUID kept = submit();
        long token = assigned().token();
        UUID lost = submit();

        connect("a", 2, 2, Map.of(kept, token));

        assertThat(effects)
                .filteredOn(Effect.Requeue.class::isInstance)
                .extracting(Effect::task)
                .containsExactly(lost);
        assertThat(broker.holds("a", 2, kept, token)).isTrue();
        assertThat(broker.complete("a", 1, kept, token))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.STALE_GENERATION));
        assertThat(broker.complete("a", 2, kept, token)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldWithdrawAHeldTokenThatIsDead() {
        connect("a", 1, 2, Map.of(new UUID(5, 5), 17L));

        assertThat(effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Withdraw.class,
                        withdraw -> assertThat(withdraw.token()).isEqualTo(17));
    }

    @Test
    void shouldWaitAfterARestartForTheAgentThatHadTheTask() {
        TaskSpec spec = spec(5, Optional.empty());
        broker.loadAssigned(spec, 1, 77, "a", now);
        connect("b", 3, 1);
        assertThat(effects).isEmpty();
        assertThat(broker.complete("a", 9, spec.id(), 77))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE));

        connect("a", 9, 1, Map.of(spec.id(), 77L));

        assertThat(effects).isEmpty();
        assertThat(broker.complete("a", 9, spec.id(), 77)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldGiveTheTaskToAnotherWhenTheAgentDoesNotComeBackInTheGrace() {
        TaskSpec spec = spec(5, Optional.empty());
        broker.loadAssigned(spec, 1, 77, "a", now);
        connect("b", 3, 1);

        pass(GRACE);

        assertThat(assigned().agent()).isEqualTo("b");
        assertThat(assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldGiveTheTaskToAnotherAtOnceWhenTheAgentCameBackWithoutIt() {
        TaskSpec spec = spec(5, Optional.empty());
        broker.loadAssigned(spec, 1, 77, "a", now);

        connect("a", 9, 1);

        assertThat(effects).anySatisfy(effect -> assertThat(effect).isInstanceOf(Effect.Requeue.class));
        assertThat(assigned().token()).isGreaterThan(77);
    }

    @Test
    void shouldDelayALoadedTaskThatBacksOff() {
        TaskSpec spec = spec(5, Optional.empty());
        broker.loadWaiting(spec, 1, 77, now.plusSeconds(3), now);
        connect("a", 1, 1);
        assertThat(effects).isEmpty();

        pass(Duration.ofSeconds(3));

        assertThat(assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldCancelAWaitingTask() {
        UUID task = submit();

        effects = broker.settled(task, accepted(broker.cancel(task, "me")), now);

        assertThat(effects).isEmpty();
        connect("a", 1, 1);
        assertThat(effects).isEmpty();
        assertThat(broker.cancel(task, "me")).isInstanceOf(Verdict.NotOpen.class);
    }

    @Test
    void shouldTellTheAgentWhenItsTaskIsCancelled() {
        connect("a", 1, 1);
        UUID task = submit();

        effects = broker.settled(task, accepted(broker.cancel(task, "me")), now);

        assertThat(effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Withdraw.class,
                        withdraw -> assertThat(withdraw.code()).isEqualTo(Code.TASK_CANCELLED));
        assertThat(broker.freeSlots()).isEqualTo(1);
    }

    @Test
    void shouldLetNobodyElseEndATaskWhoseEndIsBeingStored() {
        connect("a", 1, 1);
        UUID task = submit();
        Effect.Assign assign = assigned();
        accepted(broker.complete("a", 1, task, assign.token()));

        assertThat(broker.cancel(task, "me"))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code().retry()).isTrue());
        pass(LEASE);
        assertThat(effects).isEmpty();
    }

    @Test
    void shouldGoOnAsBeforeWhenAnEndCouldNotBeStored() {
        connect("a", 1, 1);
        UUID task = submit();
        Effect.Assign assign = assigned();
        accepted(broker.complete("a", 1, task, assign.token()));

        assertThat(broker.settleFailed(task, now)).isEmpty();

        assertThat(broker.complete("a", 1, task, assign.token())).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldTakeTheTaskBackWhenItsAgentLeftWhileAnEndCouldNotBeStored() {
        connect("a", 1, 1);
        UUID task = submit();
        accepted(broker.complete("a", 1, task, assigned().token()));
        assertThat(broker.gone("a", 1, now)).isEmpty();

        effects = broker.settleFailed(task, now);

        assertThat(effects).singleElement().isInstanceOf(Effect.Requeue.class);
    }

    @Test
    void shouldQueueAgainWhatCouldNotBeStoredAsAssigned() {
        connect("a", 1, 1);
        UUID task = submit();
        Effect.Assign assign = assigned();
        broker.pause();

        assertThat(broker.assignFailed(task, assign.token(), now)).isEmpty();
        assertThat(broker.freeSlots()).isEqualTo(1);
        effects = broker.resume(now);

        assertThat(assigned().attempt()).isEqualTo(1);
        assertThat(assigned().token()).isGreaterThan(assign.token());
    }

    @Test
    void shouldAssignNothingWhileTheStoreIsAway() {
        broker.pause();
        connect("a", 1, 1);

        submit();

        assertThat(effects).isEmpty();
        effects = broker.resume(now);
        assertThat(assigned().agent()).isEqualTo("a");
    }

    @Test
    void shouldPreferAgentsWithMoreRoom() {
        connect("small", 1, 1);
        connect("large", 2, 100);
        int toLarge = 0;
        for (int i = 0; i < 50; i++) {
            submit();
            toLarge += assigned().agent().equals("large") ? 1 : 0;
        }

        assertThat(toLarge).isGreaterThanOrEqualTo(49);
    }
}
