package io.signalbox.bus.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private final Random random = new Random(1);

    @ParameterizedTest
    @CsvSource({"1, 25, 50", "2, 50, 100", "6, 800, 1600", "7, 1000, 2000", "2000000000, 1000, 2000"})
    void shouldGrowWithTheFailuresUpToALimit(int failures, long least, long most) {
        assertThat(IntStream.range(0, 1000)
                        .mapToLong(i -> Backoff.after(failures, random).toMillis()))
                .allMatch(millis -> millis >= least && millis <= most);
    }

    @Test
    void shouldDifferWithChance() {
        assertThat(IntStream.range(0, 1000).mapToObj(i -> Backoff.after(1, random)))
                .contains(Duration.ofMillis(25), Duration.ofMillis(37), Duration.ofMillis(50));
    }
}
