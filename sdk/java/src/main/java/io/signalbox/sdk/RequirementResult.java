package io.signalbox.sdk;

import java.util.Optional;

/**
 * What became of a task that the assigned one required. Immutable, thread-safe.
 *
 * @param task its id
 * @param succeeded false: it is dead or cancelled, and the assigned task runs all the same
 * @param output what it gave; empty when it did not succeed, or when all outputs together are too large for one assignment
 */
public record RequirementResult(String task, boolean succeeded, Optional<Payload> output) {
    static RequirementResult of(io.signalbox.codecs.proto.RequirementResult result) {
        boolean succeeded = result.getState().equals("succeeded");
        return new RequirementResult(
                result.getTask(),
                succeeded,
                succeeded && !result.getLeftOut()
                        ? Optional.of(Payload.of(result.getContentType(), result.getOutput()))
                        : Optional.empty());
    }
}
