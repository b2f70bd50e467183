package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;

/**
 * When to look at a task again. An alarm that is not wanted any more is not taken back: whoever looks at the task sees
 * that nothing is due. Not thread-safe.
 */
final class TaskTimers {
    private record Alarm(Instant at, UUID task) {}

    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(Comparator.comparing(Alarm::at));

    void at(Instant at, UUID task) {
        alarms.add(new Alarm(at, task));
    }

    /** Takes out what is due, each task once. */
    List<UUID> due(Instant now) {
        Set<UUID> tasks = new LinkedHashSet<>();
        while (!alarms.isEmpty() && !alarms.peek().at().isAfter(now)) {
            tasks.add(alarms.poll().task());
        }
        return new ArrayList<>(tasks);
    }
}
