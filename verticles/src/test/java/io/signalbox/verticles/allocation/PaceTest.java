package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PaceTest {
    private final Pace pace = new Pace();
    private Instant now = Samples.NOW;

    private void give(int tasks, Duration every) {
        for (int i = 0; i < tasks; i++) {
            now = now.plus(every);
            pace.given(now);
        }
    }

    private double secondsFor(int tasks) {
        return pace.timeFor(tasks, now).orElseThrow().toMillis() / 1000.0;
    }

    @Test
    void shouldKnowNothingBeforeTheFirst() {
        assertThat(pace.timeFor(1, now)).isEmpty();
    }

    /** Also of a short time: it does not take those that never were for a lull. */
    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 10_000})
    void shouldKeepToAnEvenPace(int tasks) {
        give(tasks, Duration.ofMillis(100));

        assertThat(secondsFor(50)).isCloseTo(5, Percentage.withPercentage(5));
    }

    @Test
    void shouldFollowAChange() {
        give(1_000, Duration.ofMillis(100));
        give(240, Duration.ofSeconds(1));

        assertThat(secondsFor(50)).isCloseTo(50, Percentage.withPercentage(25));
    }

    @Test
    void shouldForgetWhatIsLongAgo() {
        give(100, Duration.ofMillis(100));

        assertThat(pace.timeFor(1, now.plus(Duration.ofHours(1)))).isEmpty();
    }
}
