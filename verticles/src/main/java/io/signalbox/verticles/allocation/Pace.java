package io.signalbox.verticles.allocation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How many tasks a queue gives away in a second, of late: what is longer ago than a minute counts less and less. Not thread-safe. */
final class Pace {
    private static final double WINDOW = 60;

    private Instant first = Instant.MIN;
    private Instant last = Instant.MIN;
    private double count;

    void given(Instant now) {
        if (count == 0) {
            first = now;
        }
        count = remembered(now) + 1;
        last = now;
    }

    private double remembered(Instant now) {
        return count == 0 ? 0 : count * Math.exp(-seconds(last, now) / WINDOW);
    }

    /** How long that many will take. Empty: nothing is known of the pace. */
    Optional<Duration> timeFor(int tasks, Instant now) {
        double observed = WINDOW * (1 - Math.exp(-Math.max(1, seconds(first, now)) / WINDOW));
        double perSecond = remembered(now) / observed;
        return perSecond < 0.001 ? Optional.empty() : Optional.of(Duration.ofMillis((long) (1000 * tasks / perSecond)));
    }

    private static double seconds(Instant from, Instant to) {
        return from.equals(Instant.MIN)
                ? 0
                : Math.max(0, Duration.between(from, to).toMillis() / 1000.0);
    }
}
