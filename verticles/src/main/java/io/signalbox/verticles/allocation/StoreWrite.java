package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Something to be stored about a task. */
public sealed interface StoreWrite {
    UUID task();

    /** @param request valid, with every default filled in */
    record Submit(UUID task, SubmitTask request, Instant submittedAt) implements StoreWrite {}

    /**
     * A step from revision {@code revision - 1} to {@code revision}.
     *
     * @param type of the event: assigned, progress, requeued, succeeded, dead, cancelled
     */
    record Change(UUID task, long revision, String type, Instant at, Detail detail) implements StoreWrite {
        Change atRevision(long next) {
            return new Change(task, next, type, at, detail);
        }
    }

    /** What a change sets. */
    sealed interface Detail {
        /** @param definition that it is pinned to, {@code name@version}; empty: the agent has none */
        record Assigned(String agent, long token, int attempt, String skillVersion, String definition)
                implements Detail {
            /** To an agent without a definition. */
            Assigned(String agent, long token, int attempt, String skillVersion) {
                this(agent, token, attempt, skillVersion, "");
            }
        }

        record Progressed(double percent, String message) implements Detail {}

        /** @param attempt what counts from now on: one less when it was given back */
        record Requeued(int attempt, Instant notBefore, Code code, String reason) implements Detail {}

        /** @param state succeeded, dead or cancelled */
        record Ended(String state, Optional<Code> code, String reason, String contentType, ByteString output)
                implements Detail {}
    }
}
