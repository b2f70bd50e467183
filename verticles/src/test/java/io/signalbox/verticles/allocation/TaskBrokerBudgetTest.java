package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.Budget.Spent;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a tree of tasks may use. */
final class TaskBrokerBudgetTest {
    private final BrokerFixture on = new BrokerFixture();

    private TaskSpec submitted(Samples.Plan plan) {
        TaskSpec spec = on.held(plan, Optional.empty());
        on.effects = on.broker.submitted(spec, on.now);
        return spec;
    }

    private Optional<String> refused(TaskSpec parent) {
        return on.broker.view().refusesChild(parent.id());
    }

    @Test
    void shouldStopWhatWaitsOnceTheTreeHasUsedItsBudget() {
        on.connect("a", 1, 1);
        TaskSpec top = submitted(Samples.plan().budget(10, 0, 0));
        Effect.Assign assign = on.assigned();
        TaskSpec waiting = submitted(Samples.plan().partOf(top));
        TaskSpec held = submitted(Samples.plan().partOf(waiting).approval());
        UUID other = on.submit();

        assertThat(on.broker.used(top.id(), new Spent(9, 0), on.now)).isEmpty();
        on.effects = on.broker.used(top.id(), new Spent(1, 0), on.now);

        String reason = "the tree of task " + top.id() + " has used its budget";
        assertThat(on.effects)
                .containsExactlyInAnyOrder(
                        new Effect.Bury(waiting.id(), Code.BUDGET_EXHAUSTED, reason),
                        new Effect.Bury(held.id(), Code.BUDGET_EXHAUSTED, reason));
        assertThat(refused(top)).isPresent();
        on.complete(assign);
        assertThat(on.assigned().task()).isEqualTo(other);
        assertThat(on.broker.view().budgetRoots()).isEmpty();
    }

    @Test
    void shouldNotTryAgainWhatHasUsedTheBudget() {
        on.connect("a", 1, 1);
        TaskSpec top = submitted(Samples.plan().budget(10, 0, 0));
        Effect.Assign assign = on.assigned();
        on.broker.used(top.id(), new Spent(10, 0), on.now);

        on.fail(assign, true);

        assertThat(on.effects)
                .singleElement()
                .isInstanceOfSatisfying(
                        Effect.Bury.class, bury -> assertThat(bury.code()).isEqualTo(Code.BUDGET_EXHAUSTED));
    }

    @Test
    void shouldKnowAfterATakeOverWhatWasUsed() {
        TaskSpec top = on.held(Samples.plan().budget(10, 0, 3), Optional.empty());
        TaskSpec part = on.held(Samples.plan().partOf(top), Optional.empty());
        on.broker.loadWaiting(top, 0, 0, on.now, on.now);
        on.broker.loadWaiting(part, 0, 0, on.now, on.now);
        on.broker.loadSpent(top.id(), new Spent(10, 0));
        on.broker.loadChildren(top.id(), 3);
        assertThat(refused(top)).contains("it may have 3 children");

        on.effects = on.broker.loaded(on.now);

        assertThat(on.effects).extracting(Effect::task).containsExactly(top.id(), part.id());
        on.connect("a", 1, 1);
        assertThat(on.effects).isEmpty();
    }

    @Test
    void shouldBoundGenerationsAndChildren() {
        TaskSpec top = submitted(Samples.plan().budget(0, 1, 2));
        TaskSpec child = submitted(Samples.plan().partOf(top));
        on.broker.childReserved(top.id());
        assertThat(refused(top)).isEmpty();

        on.broker.childReserved(top.id());

        assertThat(refused(top)).contains("it may have 2 children");
        assertThat(refused(child)).contains("its tree may have 1 generations");
        on.broker.childForgone(top.id());
        assertThat(refused(top)).isEmpty();
    }
}
