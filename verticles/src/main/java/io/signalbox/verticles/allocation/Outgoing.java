package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.RequirementResult;
import java.util.List;

/**
 * An assignment that is stored and is to be sent to its agent. Immutable.
 *
 * @param task with its input
 * @param results of the tasks that it required
 */
record Outgoing(Effect.Assign effect, TaskView task, List<RequirementResult> results) {
    Outgoing {
        results = List.copyOf(results);
    }
}
