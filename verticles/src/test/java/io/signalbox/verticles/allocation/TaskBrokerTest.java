package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who gets which task, and when it is taken back. */
final class TaskBrokerTest {
    private final BrokerFixture on = new BrokerFixture();

    @Test
    void shouldGiveWhatWaitsToAnAgentThatGetsTheSkillAndLeaveItItsTask() {
        on.connect("a", 1, 2);
        UUID kept = on.submit();
        TaskSpec wanting = Samples.spec(77, "other", "");
        on.broker.submitted(wanting, on.now);

        on.effects = on.broker.revise(agent -> Optional.of(List.of(Samples.skill("other@1.0.0"))), on.now);

        assertThat(on.assigned().task()).isEqualTo(wanting.id());
        assertThat(on.broker.complete("a", 1, kept, on.assigned().token() - 1)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldAssignAtOnceWhenAnAgentIsFree() {
        on.connect("a", 1, 1);

        UUID task = on.submit();

        assertThat(on.assigned().task()).isEqualTo(task);
        assertThat(on.assigned().agent()).isEqualTo("a");
        assertThat(on.assigned().attempt()).isEqualTo(1);
        assertThat(on.assigned().skillVersion()).isEqualTo("1.2.0");
        assertThat(on.assigned().token()).isGreaterThan(1L << 32);
    }

    @Test
    void shouldAssignWhenAnAgentComes() {
        UUID task = on.submit();
        assertThat(on.effects).isEmpty();

        on.connect("a", 1, 1);

        assertThat(on.assigned().task()).isEqualTo(task);
    }

    @Test
    void shouldGiveTheNextTaskWhenASlotIsFreeAgain() {
        on.connect("a", 1, 1);
        on.submit();
        Effect.Assign first = on.assigned();
        UUID second = on.submit();
        assertThat(on.effects).isEmpty();

        on.complete(first);

        assertThat(on.assigned().task()).isEqualTo(second);
        assertThat(on.assigned().token()).isGreaterThan(first.token());
    }

    @Test
    void shouldGiveUrgentTasksFirst() {
        on.submit(2, Optional.empty());
        UUID urgent = on.submit(9, Optional.empty());

        on.connect("a", 1, 1);

        assertThat(on.assigned().task()).isEqualTo(urgent);
    }

    @Test
    void shouldGiveTheMostUrgentOfAllItsSkillsFirst() {
        for (int i = 0; i < 8; i++) {
            int priority = (i + 3) % 8;
            on.broker.submitted(
                    Samples.spec(new UUID(1, priority), "s" + i, "", priority, on.now, Optional.empty(), 3), on.now);
        }
        String[] skills = {
            "s0@1.0.0", "s1@1.0.0", "s2@1.0.0", "s3@1.0.0", "s4@1.0.0", "s5@1.0.0", "s6@1.0.0", "s7@1.0.0"
        };

        on.effects = on.broker.connected(Samples.agent("all", 2, skills), Map.of(), on.now);

        assertThat(on.effects).extracting(Effect::task).containsExactly(new UUID(1, 7), new UUID(1, 6));
    }

    @Test
    void shouldNotStarveALowPriorityTask() {
        UUID old = on.submit(0, Optional.empty());
        on.now = on.now.plus(Duration.ofSeconds(91));
        on.submit(9, Optional.empty());

        on.connect("a", 1, 1);

        assertThat(on.assigned().task()).isEqualTo(old);
    }

    private List<String> tenantsInTurn(TaskBroker broker, int count) {
        List<String> tenants = new ArrayList<>();
        on.effects = broker.connected(Samples.agent("a", 1, BrokerFixture.SKILL + "@1.0.0"), Map.of(), on.now);
        for (int i = 0; i < count; i++) {
            Effect.Assign assign = on.assigned();
            tenants.add(broker.view().spec(assign.task()).orElseThrow().tenant());
            Verdict verdict = broker.complete("a", 1, assign.task(), assign.token());
            on.effects = broker.settled(assign.task(), on.accepted(verdict), on.now);
        }
        return tenants;
    }

    private TaskSpec of(String tenant, int priority) {
        return new TaskSpec(
                new UUID(0, ++on.ids),
                BrokerFixture.SKILL,
                "",
                tenant,
                priority,
                on.now,
                Optional.empty(),
                1,
                TaskPlan.NONE);
    }

    @Test
    void shouldShareAgentsByTheWeightsOfTenantsWhateverTheirPriorities() {
        TaskBroker broker = new TaskBroker(on.settings(Map.of("ci", 3)), 0, new Random(1));
        for (int i = 0; i < 6; i++) {
            broker.submitted(of("ci", 0), on.now);
            broker.submitted(of("batch", 9), on.now);
        }

        assertThat(tenantsInTurn(broker, 8)).containsExactly("ci", "ci", "ci", "batch", "ci", "ci", "ci", "batch");
    }

    @Test
    void shouldLetATenantThatComesAnewBeginBehindTheOthers() {
        for (String tenant : List.of("b", "b", "a", "c", "b")) {
            on.broker.submitted(of(tenant, 5), on.now);
        }

        assertThat(tenantsInTurn(on.broker, 5)).containsExactly("b", "a", "c", "b", "b");
    }

    @Test
    void shouldSayWhyATaskWaits() {
        UUID task = on.submit();
        assertThat(on.broker.view().standing(task, on.now).orElseThrow().code()).isEqualTo(Code.NO_SUCH_SKILL);

        on.connect("a", 1, 1);
        UUID second = on.submit();

        assertThat(on.broker.view().standing(second, on.now).orElseThrow().code())
                .isEqualTo(Code.ALL_BUSY);
    }

    @Test
    void shouldRefuseToFailFastOnlyWhenNoAgentHasTheSkill() {
        TaskSpec.Demand demand = new TaskSpec.Demand(BrokerFixture.SKILL, "^1.0");
        assertThat(on.broker.view().refuses(demand, true, on.now).orElseThrow().code())
                .isEqualTo(Code.NO_SUCH_SKILL);
        assertThat(on.broker.view().refuses(demand, false, on.now)).isEmpty();

        on.connect("a", 1, 1);

        assertThat(on.broker.view().refuses(demand, true, on.now)).isEmpty();
        assertThat(on.broker.view().refuses(new TaskSpec.Demand(BrokerFixture.SKILL, "^2"), true, on.now))
                .isPresent();
    }

    @Test
    void shouldTakeNoMoreTasksThanItMay() {
        for (int i = 0; i < BrokerFixture.SETTINGS.maxOpenTasks(); i++) {
            on.submit();
        }

        assertThat(on.broker
                        .view()
                        .refuses(new TaskSpec.Demand(BrokerFixture.SKILL, ""), false, on.now)
                        .orElseThrow()
                        .code())
                .isEqualTo(Code.OVERLOADED);
    }

    @Test
    void shouldAssignOnlyVersionsInTheRange() {
        on.connect("a", 1, 1);
        TaskSpec newer = Samples.spec(new UUID(0, 99), BrokerFixture.SKILL, "^2.0.0", 5, on.now, Optional.empty(), 3);

        assertThat(on.broker.submitted(newer, on.now)).isEmpty();
    }

    @Test
    void shouldTakeTheTaskBackWhenTheLeaseRunsOut() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign first = on.assigned();

        on.pass(BrokerFixture.LEASE);

        assertThat(on.effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Withdraw.class,
                                withdraw -> assertThat(withdraw.token()).isEqualTo(first.token())));
        assertThat(on.effects)
                .anySatisfy(effect -> assertThat(effect)
                        .isInstanceOfSatisfying(
                                Effect.Requeue.class,
                                requeue -> assertThat(requeue.code()).isEqualTo(Code.LEASE_EXPIRED)));
        assertThat(on.assigned().task()).isEqualTo(task);
        assertThat(on.assigned().attempt()).isEqualTo(2);
        assertThat(on.broker.complete("a", 1, task, first.token()))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.TOKEN_SUPERSEDED));
    }

    @Test
    void shouldKeepARenewedLease() {
        on.connect("a", 1, 1);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();
        on.pass(BrokerFixture.LEASE.minusSeconds(1));

        assertThat(on.broker.renew("a", 1, Map.of(task, assign.token()), on.now))
                .isEmpty();
        on.pass(BrokerFixture.LEASE.minusSeconds(1));

        assertThat(on.effects).isEmpty();
        assertThat(on.broker.view().holds("a", 1, task, assign.token())).isTrue();
    }

    @Test
    void shouldTellARenewerThatItsTokenIsDead() {
        on.connect("a", 1, 1);

        assertThat(on.broker.renew("a", 1, Map.of(new UUID(7, 7), 5L), on.now))
                .singleElement()
                .isInstanceOf(Effect.Withdraw.class);
    }

    @Test
    void shouldTakeBackEverythingOfAnAgentThatIsGone() {
        on.connect("a", 1, 2);
        UUID first = on.submit();
        UUID second = on.submit();

        on.effects = on.broker.gone("a", 1, on.now);

        assertThat(on.effects)
                .filteredOn(Effect.Requeue.class::isInstance)
                .extracting(Effect::task)
                .containsExactlyInAnyOrder(first, second);
        assertThat(on.broker.view().agents()).isZero();
    }

    @Test
    void shouldGiveASuspendedAgentNothingAndLeaveItWhatItHas() {
        on.connect("a", 1, 2);
        UUID task = on.submit();
        Effect.Assign assign = on.assigned();

        on.suspend("a", 1);
        on.submit();

        assertThat(on.effects).isEmpty();
        assertThat(on.broker.view().holds("a", 1, task, assign.token())).isTrue();
        on.connect("a", 1, 2);
        assertThat(on.effects).hasSize(1);
    }

    @Test
    void shouldIgnoreWhatIsSaidOfAnOldGeneration() {
        on.connect("a", 5, 1);
        on.submit();
        Effect.Assign assign = on.assigned();

        assertThat(on.broker.gone("a", 4, on.now)).isEmpty();
        on.suspend("a", 4);
        on.connect("a", 4, 9);

        assertThat(on.broker.view().holds("a", 5, assign.task(), assign.token()))
                .isTrue();
        assertThat(on.broker.view().agents()).isEqualTo(1);
    }

    @Test
    void shouldLetAnAgentGoOnWithWhatItHoldsWhenItIsAttachedAnew() {
        on.connect("a", 1, 2);
        UUID kept = on.submit();
        long token = on.assigned().token();
        UUID lost = on.submit();

        on.connect("a", 2, 2, Map.of(kept, token));

        assertThat(on.effects)
                .filteredOn(Effect.Requeue.class::isInstance)
                .extracting(Effect::task)
                .containsExactly(lost);
        assertThat(on.broker.view().holds("a", 2, kept, token)).isTrue();
        assertThat(on.broker.complete("a", 1, kept, token))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.STALE_GENERATION));
        assertThat(on.broker.complete("a", 2, kept, token)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldWithdrawAHeldTokenThatIsDead() {
        on.connect("a", 1, 2, Map.of(new UUID(5, 5), 17L));

        assertThat(on.effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Withdraw.class,
                        withdraw -> assertThat(withdraw.token()).isEqualTo(17));
    }

    @Test
    void shouldWaitAfterARestartForTheAgentThatHadTheTask() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 1, 77, "a", on.now);
        on.connect("b", 3, 1);
        assertThat(on.effects).isEmpty();
        assertThat(on.broker.complete("a", 9, spec.id(), 77))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(Code.UNAVAILABLE));

        on.connect("a", 9, 1, Map.of(spec.id(), 77L));

        assertThat(on.effects).isEmpty();
        assertThat(on.broker.complete("a", 9, spec.id(), 77)).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void shouldGiveTheTaskToAnotherWhenTheAgentDoesNotComeBackInTheGrace() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 1, 77, "a", on.now);
        on.connect("b", 3, 1);

        on.pass(BrokerFixture.GRACE);

        assertThat(on.assigned().agent()).isEqualTo("b");
        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldGiveTheTaskToAnotherAtOnceWhenTheAgentCameBackWithoutIt() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadAssigned(spec, 1, 77, "a", on.now);

        on.connect("a", 9, 1);

        assertThat(on.effects).anySatisfy(effect -> assertThat(effect).isInstanceOf(Effect.Requeue.class));
        assertThat(on.assigned().token()).isGreaterThan(77);
    }

    @Test
    void shouldDelayALoadedTaskThatBacksOff() {
        TaskSpec spec = on.spec(5, Optional.empty());
        on.broker.loadWaiting(spec, 1, 77, on.now.plusSeconds(3), on.now);
        on.connect("a", 1, 1);
        assertThat(on.effects).isEmpty();

        on.pass(Duration.ofSeconds(3));

        assertThat(on.assigned().attempt()).isEqualTo(2);
    }

    @Test
    void shouldPreferAgentsWithMoreRoom() {
        on.connect("small", 1, 1);
        on.connect("large", 2, 100);
        int toLarge = 0;
        for (int i = 0; i < 50; i++) {
            on.submit();
            toLarge += on.assigned().agent().equals("large") ? 1 : 0;
        }

        assertThat(toLarge).isGreaterThanOrEqualTo(49);
    }
}
