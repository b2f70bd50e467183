package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

class GenerationsTest {
    private static final long NOW = Instant.parse("2030-01-01T00:00:00Z").toEpochMilli();

    private final Generations here = new Generations();
    private final Generations there = new Generations();

    @Test
    void shouldGrowWithTheClockOverNodesThatHaveNotHeardOfEachOther() {
        long first = here.next(NOW, 9);
        long second = there.next(NOW + 1, 2);

        assertThat(second).isGreaterThan(first);
        assertThat(here.next(NOW + 2, 9)).isGreaterThan(second);
    }

    @Test
    void shouldGrowWithEveryNumberAlsoWithinAMillisecond() {
        long last = 0;
        for (int i = 0; i < 1_000; i++) {
            long next = here.next(NOW, 3);
            assertThat(next).isGreaterThan(last);
            last = next;
        }
    }

    @Test
    void shouldBeGreaterThanWhatWasHeardWhateverTheClockSays() {
        long ahead = there.next(NOW + 3_600_000, 4);

        here.heard(ahead);

        assertThat(here.next(NOW, 3)).isGreaterThan(ahead);
        assertThat(here.next(0, 3)).as("before 2026").isGreaterThan(ahead);
    }

    @Test
    void shouldNotMakeOneNumberOnTwoNodes() {
        assertThat(here.next(NOW, 1)).isNotEqualTo(there.next(NOW, 2));
    }

    @Test
    void shouldBeExactAsAFloatingPointNumberForACentury() {
        long late = Instant.parse("2026-01-01T00:00:00Z")
                .plus(100 * 365, ChronoUnit.DAYS)
                .toEpochMilli();

        assertThat(here.next(late, 255)).isPositive().isLessThan(1L << 53);
    }
}
