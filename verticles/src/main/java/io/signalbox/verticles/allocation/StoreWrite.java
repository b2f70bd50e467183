package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.proto.Usage;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Something to be stored about a task. */
public sealed interface StoreWrite {
    UUID task();

    /** @param request valid, with every default filled in */
    record Submit(UUID task, SubmitTask request, Instant submittedAt) implements StoreWrite {
        /** What the task is at first. */
        String state() {
            return request.hasPlan() && TaskPlan.of(request.getPlan()).holds() ? "held" : "queued";
        }
    }

    /**
     * A step from revision {@code revision - 1} to {@code revision}.
     *
     * @param type of the event: approved, released, assigned, progress, requeued, succeeded, dead, cancelled
     */
    record Change(UUID task, long revision, String type, Instant at, Detail detail) implements StoreWrite {
        Change atRevision(long next) {
            return new Change(task, next, type, at, detail);
        }
    }

    /** What a change sets. */
    sealed interface Detail {
        /** Whether nothing follows it. */
        default boolean ends() {
            return false;
        }

        /**
         * @param definition that it is pinned to, {@code name@version}; empty: the agent has none
         * @param why this agent; of the event alone
         */
        record Assigned(String agent, long token, int attempt, String skillVersion, String definition, String why)
                implements Detail {
            /** To an agent without a definition. */
            Assigned(String agent, long token, int attempt, String skillVersion) {
                this(agent, token, attempt, skillVersion, "", "");
            }
        }

        record Progressed(double percent, String message) implements Detail {}

        /** It waits for nothing but an agent from now on. */
        record Released() implements Detail {}

        /** Somebody approved of it, which may not be all that it waits for. */
        record Approved(String by, String reason) implements Detail {}

        /** Somebody did not, and it is dead. */
        record Disapproved(String by, String reason) implements Detail {
            @Override
            public boolean ends() {
                return true;
            }
        }

        /** @param attempt what counts from now on: one less when it was given back */
        record Requeued(int attempt, Instant notBefore, Code code, String reason, Usage used) implements Detail {
            /** No agent told it. */
            Requeued(int attempt, Instant notBefore, Code code, String reason) {
                this(attempt, notBefore, code, reason, Usage.getDefaultInstance());
            }
        }

        /** @param state succeeded, dead or cancelled */
        record Ended(
                String state, Optional<Code> code, String reason, String contentType, ByteString output, Usage used)
                implements Detail {
            /** No agent told it. */
            Ended(String state, Optional<Code> code, String reason, String contentType, ByteString output) {
                this(state, code, reason, contentType, output, Usage.getDefaultInstance());
            }

            @Override
            public boolean ends() {
                return true;
            }
        }
    }
}
