package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
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

    /** At the top of what each wait may be. */
    private static Backoff highest(Duration initial, Duration max) {
        return new Backoff(initial, max, new RandomGenerator() {
            @Override
            public long nextLong() {
                return 0;
            }

            @Override
            public long nextLong(long bound) {
                return bound - 1;
            }
        });
    }

    @Test
    void shouldDoubleUpToTheMaximumAndStayThere() {
        Backoff highest = highest(Duration.ofMillis(100), Duration.ofMillis(350));

        assertThat(IntStream.range(0, 5)
                        .mapToObj(i -> highest.next(Duration.ZERO).toMillis()))
                .containsExactly(100L, 200L, 350L, 350L, 350L);
    }

    @Test
    void shouldAddTheRandomWaitToWhatTheNodeAskedForSoThatClientsDoNotComeBackTogether() {
        Backoff highest = highest(Duration.ofMillis(100), Duration.ofMillis(100));

        assertThat(highest.next(Duration.ofSeconds(3))).isEqualTo(Duration.ofMillis(3100));
    }

    @Test
    void shouldNotBeTurnedIntoABusyLoopByAWaitOfNothing() {
        Backoff highest = highest(Duration.ZERO, Duration.ZERO);

        assertThat(highest.next(Duration.ZERO)).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void shouldNotOverflowHoweverLongTheNodeIsAway() {
        Backoff highest = highest(Duration.ofMillis(1), Duration.ofMillis(Long.MAX_VALUE / 4));

        for (int i = 0; i < 200; i++) {
            assertThat(highest.next(Duration.ZERO)).isPositive();
        }
    }
}
