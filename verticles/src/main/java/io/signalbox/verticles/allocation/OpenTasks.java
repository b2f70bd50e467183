package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.OpenTask.State;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The tasks that have not ended, with their timers; what is asked of all of them is counted as they change, for there may
 * be a million. Nothing is kept of a task that was closed. Not thread-safe.
 */
final class OpenTasks {
    private final Map<UUID, OpenTask> byId = new HashMap<>();
    private final Map<State, Integer> counts = new EnumMap<>(State.class);
    private final Map<String, Set<UUID>> orphansByAgent = new HashMap<>();
    private final TaskTimers timers = new TaskTimers();

    Optional<OpenTask> find(UUID id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** @param task with all that its state says */
    void open(OpenTask task) {
        byId.put(task.id(), task);
        entered(task);
    }

    /** After the task's times were set: it will be looked at when the first of them has come. */
    void move(OpenTask task, State state) {
        left(task);
        task.state = state;
        entered(task);
    }

    void close(OpenTask task) {
        left(task);
        byId.remove(task.id());
        timers.drop(task.id());
    }

    private void entered(OpenTask task) {
        counts.merge(task.state, 1, Integer::sum);
        if (task.state == State.ORPHANED) {
            orphansByAgent.computeIfAbsent(task.agent, agent -> new HashSet<>()).add(task.id());
        }
        setTimer(task);
    }

    private void left(OpenTask task) {
        counts.merge(task.state, -1, Integer::sum);
        forgetOrphan(task);
    }

    private void forgetOrphan(OpenTask task) {
        orphansByAgent.computeIfPresent(task.agent, (agent, orphans) -> {
            orphans.remove(task.id());
            return orphans.isEmpty() ? null : orphans;
        });
    }

    /** It is no agent's any more; move or close it next. */
    void release(OpenTask task) {
        forgetOrphan(task);
        task.release();
    }

    /** After one of its times was set to an earlier one. Of a later one the alarm itself will tell. */
    void setTimer(OpenTask task) {
        task.nextDue().ifPresent(at -> timers.by(at, task.id()));
    }

    /** To be looked at now; set the timer of what is still open then. */
    List<UUID> due(Instant now) {
        return timers.due(now);
    }

    /** What the agent had before the node started and has not claimed. */
    List<UUID> orphansOf(String agent) {
        return List.copyOf(orphansByAgent.getOrDefault(agent, Set.of()));
    }

    /** By a look at all of them. */
    List<OpenTask> held() {
        return byId.values().stream().filter(task -> task.state == State.HELD).toList();
    }

    int count(State state) {
        return counts.getOrDefault(state, 0);
    }

    int size() {
        return byId.size();
    }

    int timers() {
        return timers.size();
    }
}
