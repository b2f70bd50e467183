package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0s, 0",
        "250ms, 250",
        "10s, 10000",
        "5m, 300000",
        "2h, 7200000",
        "1d, 86400000",
        "1m30s, 90000",
        "1d2h3m4s5ms, 93784005"
    })
    void shouldReadMillisecondsWhenWrittenWithUnits(String text, long millis) {
        assertThat(DurationText.parse(text)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "10",
                "s",
                "-1s",
                "+1s",
                "1.5s",
                "10 s",
                "10S",
                "1w",
                "s10",
                "1s,",
                "1s x",
                "1µs",
                "999999999999999d",
                "9999999999999999999s"
            })
    void shouldReadNothingWhenItIsNoDuration(String text) {
        assertThat(DurationText.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 0s", "1, 1ms", "1500, 1s500ms", "60000, 1m", "90000, 1m30s", "86400000, 1d", "3600001, 1h1ms"})
    void shouldUseTheLargestUnitsWhenPrinted(long millis, String text) {
        assertThat(DurationText.print(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @Test
    void shouldReadWhatItPrinted() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            Duration duration = Duration.ofMillis(random.nextLong(1L << random.nextInt(1, 50)));
            assertThat(DurationText.parse(DurationText.print(duration)))
                    .as("seed %d, %s", seed, duration)
                    .contains(duration);
        }
    }
}
