package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskPlan.OnLoss;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a task waits for before it waits for an agent. */
final class TaskBrokerHoldTest {
    private final BrokerFixture on = new BrokerFixture();

    private Code code(UUID task) {
        return on.broker.view().standing(task, on.now).orElseThrow().code();
    }

    private void end(UUID task) {
        on.settle(task, on.broker.cancel(task, "me"));
    }

    @Test
    void shouldAssignNothingBeforeItsTime() {
        on.connect("a", 1, 1);
        UUID task = on.submit(Samples.plan().notBefore(on.now.plusSeconds(60)));
        on.pass(Duration.ofMillis(59_999));
        assertThat(on.effects).isEmpty();
        assertThat(code(task)).isEqualTo(Code.NOT_YET);

        on.pass(Duration.ofMillis(1));

        assertThat(on.effects.getFirst()).isEqualTo(new Effect.Release(task));
        assertThat(on.assigned().task()).isEqualTo(task);
    }

    @Test
    void shouldHoldNoSlotWhileItIsHeld() {
        on.connect("a", 1, 1);
        on.submit(Samples.plan().approval());

        UUID other = on.submit();

        assertThat(on.assigned().task()).isEqualTo(other);
    }

    @Test
    void shouldWaitForAllThatItRequires() {
        on.connect("a", 1, 1);
        UUID first = on.submit();
        Effect.Assign one = on.assigned();
        UUID second = on.submit();
        UUID task = on.submit(Samples.plan().requires(first, second));
        assertThat(code(task)).isEqualTo(Code.AWAITS_TASKS);

        on.complete(one);
        Effect.Assign two = on.assigned();
        assertThat(on.broker.view().count(State.HELD)).isEqualTo(1);
        on.complete(two);

        assertThat(on.assigned().task()).isEqualTo(task);
    }

    @ParameterizedTest
    @EnumSource(OnLoss.class)
    void shouldDoAsThePlanSaysWhenARequiredTaskIsLost(OnLoss onLoss) {
        UUID required = on.submit();
        UUID task = on.submit(Samples.plan().requires(required).onLoss(onLoss));

        end(required);

        String reason = "task " + required + " was cancelled";
        assertThat(on.effects)
                .containsExactly(
                        switch (onLoss) {
                            case FAIL -> new Effect.Bury(task, Code.REQUIREMENT_LOST, reason);
                            case CANCEL -> new Effect.Drop(task, Code.REQUIREMENT_LOST, reason);
                            case RUN -> new Effect.Release(task);
                        });
    }

    @Test
    void shouldGiveUpAWholeChain() {
        UUID first = on.submit();
        UUID last = first;
        for (int i = 0; i < 10_000; i++) {
            last = on.submit(Samples.plan().requires(last));
        }

        end(first);

        assertThat(on.effects).hasSize(10_000).last().extracting(Effect::task).isEqualTo(last);
        assertThat(((Effect.Bury) on.effects.getLast()).reason()).hasSizeLessThan(200);
        assertThat(on.broker.view().open()).isZero();
        assertThat(on.broker.view().required()).isZero();
    }

    @Test
    void shouldAskTheStoreOfTasksThatEndedBefore() {
        UUID ended = new UUID(7, 7);
        UUID task = on.submit(Samples.plan().requires(ended));
        assertThat(on.effects).containsExactly(new Effect.LookUp(task, List.of(ended)));

        on.effects = on.broker.lookedUp(Map.of(ended, true), on.now);

        assertThat(on.effects).containsExactly(new Effect.Release(task));
    }

    @Test
    void shouldNotBelieveTheStoreOfATaskThatIsOpen() {
        UUID open = on.submit();
        UUID task = on.submit(Samples.plan().requires(open));

        assertThat(on.broker.lookedUp(Map.of(open, false), on.now)).isEmpty();

        assertThat(code(task)).isEqualTo(Code.AWAITS_TASKS);
    }

    @Test
    void shouldRunOnceItIsApprovedOf() {
        UUID task = on.submit(Samples.plan().approval());
        on.connect("a", 1, 1);
        assertThat(code(task)).isEqualTo(Code.AWAITS_APPROVAL);

        on.settle(task, on.broker.decide(task, true, "eve", "fine"));

        assertThat(on.assigned().task()).isEqualTo(task);
        assertThat(on.broker.decide(task, true, "eve", "again")).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void shouldWaitForTheRestWhenItIsApprovedOfFirst() {
        UUID required = on.submit();
        UUID task = on.submit(Samples.plan().requires(required).approval());

        on.settle(task, on.broker.decide(task, true, "eve", ""));

        assertThat(on.effects).isEmpty();
        assertThat(code(task)).isEqualTo(Code.AWAITS_TASKS);
    }

    @Test
    void shouldEndWhenItIsNotApprovedOf() {
        UUID task = on.submit(Samples.plan().approval());

        Settlement settlement = on.settle(task, on.broker.decide(task, false, "eve", "too dear"));

        assertThat(settlement).isEqualTo(new Settlement.Disapproved("eve", "too dear"));
        assertThat(on.broker.view().open()).isZero();
    }

    /** The requirement ends while the decision is on its way to the store. */
    @Test
    void shouldRememberALossThatCameWhileADecisionWasStored() {
        UUID required = on.submit();
        UUID task = on.submit(Samples.plan().requires(required).approval());
        Settlement approved = on.accepted(on.broker.decide(task, true, "eve", ""));
        end(required);
        assertThat(on.effects).isEmpty();

        on.effects = on.broker.settled(task, approved, on.now);

        assertThat(on.effects).singleElement().isInstanceOf(Effect.Bury.class);
    }

    @Test
    void shouldQueueBehindThoseThatWaitedForAnAgentAllTheTime() {
        UUID held = on.submit(Samples.plan().notBefore(on.now.plusSeconds(20)));
        on.pass(Duration.ofSeconds(10));
        UUID waiting = on.submit();
        on.pass(Duration.ofSeconds(10));

        on.connect("a", 1, 2);

        assertThat(on.effects).extracting(Effect::task).containsExactly(waiting, held);
    }

    @Test
    void shouldKnowAfterATakeOverWhatItWaitsFor() {
        TaskSpec required = on.spec(5, Optional.empty());
        TaskSpec task = on.held(Samples.plan().requires(required.id()).approval(), Optional.empty());
        on.broker.loadHeld(task, true, on.now);
        on.broker.loadWaiting(required, 0, 0, on.now, on.now);
        assertThat(on.broker.loaded(on.now)).isEmpty();
        assertThat(code(task.id())).isEqualTo(Code.AWAITS_TASKS);

        on.connect("a", 1, 1);
        on.complete(on.assigned());

        assertThat(on.assigned().task()).isEqualTo(task.id());
    }

    @Test
    void shouldReleaseAfterATakeOverWhatBecameDueMeanwhile() {
        TaskSpec task = on.held(Samples.plan().notBefore(on.now), Optional.empty());
        on.broker.loadHeld(task, false, on.now);

        assertThat(on.broker.loaded(on.now)).containsExactly(new Effect.Release(task.id()));
    }
}
