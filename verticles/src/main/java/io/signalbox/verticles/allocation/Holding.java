package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.TaskPlan.OnLoss;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Tasks that wait for a time, for other tasks or for an approval, and who waits for whose end: the part of the {@link TaskBroker}
 * that knows what comes before the queue. Not thread-safe.
 */
final class Holding {
    private final OpenTasks tasks;

    /** By required task. Of tasks that nobody requires nothing is kept. */
    private final Map<UUID, Set<UUID>> dependents = new HashMap<>();

    Holding(OpenTasks tasks) {
        this.tasks = tasks;
    }

    /** The task is open; its requirements are, or have ended. */
    void begin(OpenTask task, List<Effect> effects) {
        Holds holds = task.holds.orElseThrow();
        holds.requires.forEach(required ->
                dependents.computeIfAbsent(required, id -> new TreeSet<>()).add(task.id()));
        List<UUID> ended = holds.requires.stream()
                .filter(required -> tasks.find(required).isEmpty())
                .toList();
        if (!ended.isEmpty()) {
            effects.add(new Effect.LookUp(task.id(), ended));
        }
    }

    /** @param approved what was stored of that */
    static Holds holds(TaskPlan plan, boolean approved, Instant now) {
        return new Holds(plan.notBefore().isAfter(now), plan.approval() && !approved, plan.requires());
    }

    boolean isRequired(UUID task) {
        return !dependents.isEmpty() && dependents.containsKey(task);
    }

    /** Those that required the task, once; each knows now what became of it. */
    List<OpenTask> ended(UUID required, boolean succeeded, String how) {
        Set<UUID> waiting = dependents.remove(required);
        if (waiting == null) {
            return List.of();
        }
        return waiting.stream()
                .flatMap(id -> tasks.find(id).stream())
                .peek(task -> tell(task, required, succeeded, how))
                .toList();
    }

    private static void tell(OpenTask task, UUID required, boolean succeeded, String how) {
        Holds holds = task.holds.orElseThrow();
        holds.requires.remove(required);
        if (!succeeded && task.spec.plan().onLoss() != OnLoss.RUN && holds.loss.isEmpty()) {
            holds.loss = Optional.of(new Holds.Loss(required, "task " + required + " " + how));
        }
    }

    /** It has ended itself, or was released. */
    void end(OpenTask task) {
        task.holds.ifPresent(holds ->
                holds.requires.forEach(required -> dependents.computeIfPresent(required, (id, waiting) -> {
                    waiting.remove(task.id());
                    return waiting.isEmpty() ? null : waiting;
                })));
        task.holds = Optional.empty();
    }

    /** How many tasks are waited for. */
    int required() {
        return dependents.size();
    }
}
