package io.signalbox.verticles.allocation;

import io.signalbox.config.AllocationConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What the {@link TaskBroker} decides by. Immutable. */
record BrokerSettings(
        int maxOpenTasks,
        Duration lease,
        Duration reattachGrace,
        Duration backoffInitial,
        Duration backoffMax,
        Duration priorityStep,
        Map<String, Integer> weights) {

    BrokerSettings {
        weights = Map.copyOf(weights);
    }

    static BrokerSettings of(AllocationConfig config) {
        return new BrokerSettings(
                config.maxOpenTasks(),
                config.lease(),
                config.reattachGrace(),
                config.backoffInitial(),
                config.backoffMax(),
                config.priorityStep(),
                weights(config.tenantWeights()));
    }

    /** @param texts each {@code tenant=weight} */
    private static Map<String, Integer> weights(List<String> texts) {
        Map<String, Integer> weights = new HashMap<>();
        texts.forEach(text -> {
            int at = text.lastIndexOf('=');
            weights.put(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
        });
        return weights;
    }

    /** How many tasks a turn of the tenant lasts. */
    int weight(String tenant) {
        return weights.getOrDefault(tenant, 1);
    }

    /**
     * The place in the queue of its tenant, the smallest first: a step of priority is a head start in time, so that low priority is
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
