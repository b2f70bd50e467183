package io.signalbox.verticles.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * When to look at a task again: one alarm for each, however often it is put off. An alarm may come too early, never too
 * late; whoever looks at the task sees what is due. Not thread-safe.
 */
final class TaskTimers {
    private record Alarm(Instant at, UUID task) {}

    private final TreeSet<Alarm> alarms =
            new TreeSet<>(Comparator.comparing(Alarm::at).thenComparing(Alarm::task));
    private final Map<UUID, Alarm> byTask = new HashMap<>();

    /** The task will be looked at by then. */
    void by(Instant at, UUID task) {
        Alarm before = byTask.get(task);
        if (before == null || at.isBefore(before.at())) {
            drop(task);
            Alarm alarm = new Alarm(at, task);
            alarms.add(alarm);
            byTask.put(task, alarm);
        }
    }

    void drop(UUID task) {
        Alarm alarm = byTask.remove(task);
        if (alarm != null) {
            alarms.remove(alarm);
        }
    }

    /** Takes out what is due, the earliest first. */
    List<UUID> due(Instant now) {
        List<UUID> tasks = new ArrayList<>();
        while (!alarms.isEmpty() && !alarms.first().at().isAfter(now)) {
            UUID task = alarms.pollFirst().task();
            byTask.remove(task);
            tasks.add(task);
        }
        return tasks;
    }

    int size() {
        return alarms.size();
    }
}
