package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.allocation.TaskPlan.OnLoss;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Plans of the simulation's tasks: times, required tasks, approvals, parents and budgets. */
record PlansByChance(Random random, BrokerModel model, TaskBroker broker, Map<UUID, StoredTask> store) {
    /** For the task with the newest id, which is not there yet. */
    TaskPlan next(long ids, Instant now) {
        Set<UUID> requires = new TreeSet<>();
        for (int i = random.nextInt(4); i > 0 && ids > 1; i--) {
            requires.add(new UUID(0, Math.max(1, ids - 1 - random.nextInt(20))));
        }
        requires.retainAll(store.keySet());
        Optional<TaskSpec> parent = parent(ids);
        Budget budget = new Budget(1 + random.nextInt(20), 0, 3, 4);
        return new TaskPlan(
                random.nextBoolean() ? Instant.MIN : now.plusMillis(random.nextInt(3000)),
                List.copyOf(requires),
                OnLoss.values()[random.nextInt(3)],
                random.nextInt(3) == 0,
                parent.map(TaskSpec::id),
                parent.map(TaskSpec::root),
                parent.map(spec -> spec.plan().depth() + 1).orElse(0),
                parent.map(spec -> spec.plan().budget()).orElse(random.nextInt(3) == 0 ? budget : Budget.NONE));
    }

    /** By chance one that may have a further part. */
    private Optional<TaskSpec> parent(long ids) {
        UUID some = new UUID(0, Math.max(1, ids - random.nextInt(10)));
        Optional<TaskSpec> parent = model.find(some).map(task -> task.spec);
        parent.ifPresent(spec -> assertThat(broker.view().refusesChild(some).isPresent())
                .as("whether %s may have a part", spec)
                .isEqualTo(model.isExhausted(spec)
                        || spec.plan().budget().depth() > 0 && spec.plan().depth() >= 3
                        || spec.plan().budget().width() > 0 && children(some) >= 4));
        return parent.filter(spec -> broker.view().refusesChild(some).isEmpty());
    }

    long children(UUID parent) {
        return store.values().stream()
                .filter(task -> task.spec.plan().parent().filter(parent::equals).isPresent())
                .count();
    }
}
