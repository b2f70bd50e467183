package io.signalbox.verticles.allocation;

import io.signalbox.config.AllocationConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** What the {@link TaskBroker} decides by. Immutable. */
record BrokerSettings(
        int maxOpenTasks,
        Duration lease,
        Duration reattachGrace,
        Duration backoffInitial,
        Duration backoffMax,
        Duration priorityStep) {

    static BrokerSettings of(AllocationConfig config) {
        return new BrokerSettings(
                config.maxOpenTasks(),
                config.lease(),
                config.reattachGrace(),
                config.backoffInitial(),
                config.backoffMax(),
                config.priorityStep());
    }

    /**
     * The place in the queue, the smallest first: a step of priority is a head start in time, so that low priority is
     * late but never starves.
     */
    long rank(Instant submittedAt, int priority) {
        return submittedAt.toEpochMilli() - priority * priorityStep.toMillis();
    }

    /** The wait before the next attempt: doubles with each failed one, half of it random. */
    Duration backoff(int failedAttempts, RandomGenerator random) {
        long ceiling = backoffInitial.toMillis() << Math.min(30, Math.max(0, failedAttempts - 1));
        long wait = Math.min(backoffMax.toMillis(), ceiling);
        return Duration.ofMillis(wait / 2 + random.nextLong(wait / 2 + 1));
    }
}
