package io.signalbox.sdk;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits between tries: random up to a ceiling that doubles ("full jitter"), so that clients cut off together do not come
 * back together. Not thread-safe.
 */
final class Backoff {
    private final long initialMillis;
    private final long maxMillis;
    private final RandomGenerator random;
    private long ceiling;

    Backoff(Duration initial, Duration max, RandomGenerator random) {
        this.initialMillis = Math.max(1, initial.toMillis());
        this.maxMillis = Math.max(initialMillis, max.toMillis());
        this.random = random;
        this.ceiling = initialMillis;
    }

    /** @param atLeast what the node asked for; the random wait is added to it */
    Duration next(Duration atLeast) {
        long wait = random.nextLong(ceiling + 1);
        ceiling = Math.min(maxMillis, ceiling * 2);
        return atLeast.plusMillis(wait);
    }

    void reset() {
        ceiling = initialMillis;
    }
}
