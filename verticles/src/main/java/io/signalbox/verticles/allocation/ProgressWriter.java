package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.StoreWrite.Detail;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the newest progress of each task: all of it once in a while, and a task's own before whatever ends its
 * assignment. So the last word of an attempt is kept, and is never taken for one of the next attempt. Confined to its
 * event loop.
 */
final class ProgressWriter {
    private static final Logger log = LoggerFactory.getLogger(ProgressWriter.class);

    private final ProgressBuffer buffer = new ProgressBuffer();
    private final StoreWriter writer;
    private final AgentPost post;
    private final InstantSource clock;

    ProgressWriter(StoreWriter writer, AgentPost post, InstantSource clock) {
        this.writer = writer;
        this.post = post;
        this.clock = clock;
    }

    /** Said by the agent that holds the task. */
    void said(UUID task, double percent, String message) {
        buffer.put(task, percent, message);
    }

    /** While the store is away it stays here, for a newer one may come. */
    void writeAll() {
        if (!writer.isAway()) {
            buffer.drain().forEach(this::write);
        }
    }

    /** Before the end that the agent tells: it may tell it again, so while the store is away nothing is lost by waiting. */
    void writeBeforeSettling(UUID task) {
        if (!writer.isAway()) {
            writeBeforeLoss(task);
        }
    }

    /** Before the assignment is over in any case. */
    void writeBeforeLoss(UUID task) {
        buffer.take(task).ifPresent(last -> write(task, last));
    }

    private void write(UUID task, Detail.Progressed detail) {
        Instant now = clock.instant();
        writer.record(task, "progress", now, detail)
                .onSuccess(stored -> post.tell("progress", now, detail, stored))
                .onFailure(cause -> log.debug("Progress of task {} was not kept: {}", task, cause.getMessage()));
    }
}
