package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private static final Duration INITIAL = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofSeconds(5);

    private final Backoff backoff = new Backoff(INITIAL, MAX, new Random(7));

    @Test
    void shouldStayBelowACeilingThatDoubles() {
        long ceiling = INITIAL.toMillis();
        for (int i = 0; i < 20; i++) {
            assertThat(backoff.next(Duration.ZERO).toMillis()).isBetween(0L, ceiling);
            ceiling = Math.min(MAX.toMillis(), ceiling * 2);
        }
    }

    @Test
    void shouldSpreadTheClientsThatWereCutOffTogether() {
        long distinct = IntStream.range(0, 100)
                .mapToObj(seed -> new Backoff(INITIAL, MAX, new Random(seed)).next(Duration.ZERO))
                .distinct()
                .count();

        assertThat(distinct).isGreaterThan(40);
    }

    @Test
    void shouldWaitAtLeastWhatTheNodeAskedFor() {
        assertThat(backoff.next(Duration.ofSeconds(3))).isGreaterThanOrEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void shouldBeginAgainAfterReset() {
        for (int i = 0; i < 10; i++) {
            backoff.next(Duration.ZERO);
        }

        backoff.reset();

        assertThat(backoff.next(Duration.ZERO)).isLessThanOrEqualTo(INITIAL);
    }

    @Test
    void shouldTakeAnInitialWaitAboveTheMaximumAsTheMaximum() {
        Backoff odd = new Backoff(Duration.ofSeconds(10), Duration.ofSeconds(1), new Random(1));

        assertThat(odd.next(Duration.ZERO)).isLessThanOrEqualTo(Duration.ofSeconds(10));
    }
}
