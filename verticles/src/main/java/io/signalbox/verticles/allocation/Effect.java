package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** What the {@link TaskBroker} wants done. */
sealed interface Effect {
    UUID task();

    /** Store the assignment, then send it to the agent; tell the broker when it could not be stored. */
    record Assign(
            UUID task,
            long token,
            String agent,
            long generation,
            String skillVersion,
            int attempt,
            Duration lease,
            Grounds grounds)
            implements Effect {}

    /**
     * Of an assignment.
     *
     * @param since when the task began to wait
     * @param why this agent, for people
     */
    record Grounds(Instant since, String why) {}

    /** It is stored: send it to the agent, which may have it already. */
    record Remind(UUID task, long token, String agent, long generation, int attempt, Duration lease)
            implements Effect {}

    /** Store that the task waits again, from {@code notBefore} on. */
    record Requeue(UUID task, int attempt, Instant notBefore, Code code, String reason) implements Effect {}

    /** Store that the task is dead. */
    record Bury(UUID task, Code code, String reason) implements Effect {}

    /** Tell the agent that its token is dead. */
    record Withdraw(UUID task, long token, String agent, long generation, Code code, String reason) implements Effect {}

    /** Store that the task waits for an agent from now on. */
    record Release(UUID task) implements Effect {}

    /** Find out how these ended, which the task requires and which are not open; then tell the broker. */
    record LookUp(UUID task, List<UUID> required) implements Effect {}

    /** Store that the task is cancelled. */
    record Drop(UUID task, Code code, String reason) implements Effect {}
}
