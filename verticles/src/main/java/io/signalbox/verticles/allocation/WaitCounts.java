package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/** How many tasks wait in a queue, of each priority, and since when the oldest does. Not thread-safe. */
final class WaitCounts {
    private final int[] byPriority = new int[10];
    private final TreeMap<Instant, Integer> bySince = new TreeMap<>();
    private int all;

    void add(OpenTask task) {
        all++;
        byPriority[task.spec.priority()]++;
        bySince.merge(task.since, 1, Integer::sum);
    }

    void remove(OpenTask task) {
        all--;
        byPriority[task.spec.priority()]--;
        bySince.computeIfPresent(task.since, (since, tasks) -> tasks == 1 ? null : tasks - 1);
    }

    int all() {
        return all;
    }

    int of(int priority) {
        return byPriority[priority];
    }

    Optional<Instant> oldest() {
        return bySince.isEmpty() ? Optional.empty() : Optional.of(bySince.firstKey());
    }
}
