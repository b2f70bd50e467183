package io.signalbox.load;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What submitters and agents saw, on their side, to be compared with what the node says. Thread-safe. */
public final class TaskLedger {
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Map<String, Set<Long>> finished = new ConcurrentHashMap<>();
    private final LongAdder received = new LongAdder();
    private final LongAdder refusedSubmits = new LongAdder();

    /** False: another submit got this task already, though each has a key of its own. */
    public boolean accepted(String task) {
        return accepted.add(task);
    }

    public void received() {
        received.increment();
    }

    public void finished(String task, long token) {
        finished.computeIfAbsent(task, id -> ConcurrentHashMap.newKeySet()).add(token);
    }

    public void submitRefused() {
        refusedSubmits.increment();
    }

    public int acceptedCount() {
        return accepted.size();
    }

    List<String> acceptedTasks() {
        return List.copyOf(accepted);
    }

    boolean wasFinished(String task, long token) {
        return finished.getOrDefault(task, Set.of()).contains(token);
    }

    /** Tasks that were worked on to the end more than once, each time under another token. */
    public long workedMoreThanOnce() {
        return finished.values().stream().filter(tokens -> tokens.size() > 1).count();
    }

    long receivedCount() {
        return received.sum();
    }

    public long refusedSubmitCount() {
        return refusedSubmits.sum();
    }
}
