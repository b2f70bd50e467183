package io.signalbox.bus.redis;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next trial: twice as long after each failure, up to a limit, and by chance between half of
 * that and the whole, so that many who lost the same server do not come back at once.
 */
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(50);
    static final Duration LONGEST = Duration.ofSeconds(2);

    private Backoff() {}

    /** @param failures in a row; 1 or more */
    static Duration after(int failures, RandomGenerator random) {
        int doublings = Math.min(failures - 1, 10);
        long millis = Math.min(FIRST.toMillis() << doublings, LONGEST.toMillis());
        return Duration.ofMillis(random.nextLong(millis / 2, millis + 1));
    }
}
