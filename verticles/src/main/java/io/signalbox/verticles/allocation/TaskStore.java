package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Tasks and their events, durably. A failed future carries a {@code StoreException}. Thread-safe. */
public interface TaskStore {
    /**
     * A task that was open when the node started.
     *
     * @param state held, queued or assigned
     * @param approved whether somebody has approved of it already
     */
    record Loaded(
            TaskSpec spec,
            String state,
            int attempt,
            long token,
            String agent,
            Instant notBefore,
            boolean approved,
            long revision) {}

    /** By id, which is oldest first. */
    Future<List<Loaded>> loadOpen();

    /**
     * Writes a batch in one transaction. Writing the same batch again changes nothing and gives the same result, so a
     * batch with an unknown outcome is simply written again. No task occurs twice in a batch. An empty batch finds out
     * whether the store is there. Fails with {@code FENCED} when another node has taken the work over; then nothing of it is
     * written.
     */
    Future<Written> write(List<StoreWrite.Submit> submits, List<StoreWrite.Change> changes);

    /** By id of the submitted or changed task; a change of a task that is not there has no entry. */
    record Written(Map<UUID, Submitted> submitted, Map<UUID, Changed> changed) {}

    /**
     * @param task the submitted task, or the one that used its idempotency key before
     * @param requestHash of that task's request
     */
    record Submitted(UUID task, byte[] requestHash) {}

    /**
     * @param committed whether this very change is stored; false: the task was at another revision than the change was
     *     made for, or had ended
     * @param revision where the task is now
     * @param task with the input where it was wanted
     */
    record Changed(boolean committed, long revision, TaskView task) {}

    /** Whole, with input and output. */
    Future<Optional<TaskView>> find(UUID id);

    /** Those that are there, whole, in any order; up to 1,000 at once. */
    Future<List<TaskView>> findAll(List<UUID> ids);

    /** By id, of those that are there; up to 1,000 at once. */
    Future<Map<UUID, String>> states(List<UUID> ids);

    /**
     * Which tasks a list is to have.
     *
     * @param state empty: all; {@code skill} likewise
     * @param parent empty: whatever they are a part of
     */
    record Filter(String state, String skill, Optional<UUID> parent) {}

    /**
     * Newest first, without input and output.
     *
     * @param below the last id of the page before; no task has to have it any more
     */
    Future<List<TaskView>> list(Filter filter, Optional<UUID> below, int limit);

    /** Ids of the open ones among a task's descendants; up to 1,000 at once. */
    Future<List<UUID>> openBelow(UUID ancestor);

    /**
     * Of trees and of parents.
     *
     * @param spent by root, of all its tree; of one that has used nothing there is none
     * @param children by parent; of one without there is none
     */
    record Trees(Map<UUID, Budget.Spent> spent, Map<UUID, Integer> children) {}

    Future<Trees> trees(List<UUID> roots);

    /** Oldest first; none of a task that is not there. */
    Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit);
}
