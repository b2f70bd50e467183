package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.codecs.internal.Schedule;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TimingTest {
    private static Timing cron(String fields, String zone) {
        return Timing.of(Schedule.newBuilder().setCron(fields).setZone(zone).build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/15 * * * * |               | 2030-01-01T00:00:00Z     | 2030-01-01T00:15:00Z",
                "*/15 * * * * |               | 2030-01-01T00:14:59.999Z | 2030-01-01T00:15:00Z",
                "30 2 * * *   | Europe/Berlin | 2030-01-01T00:00:00Z     | 2030-01-01T01:30:00Z",
                "30 2 * * *   | Europe/Berlin | 2030-07-01T00:31:00Z     | 2030-07-02T00:30:00Z",
                "0 9 * * 1    | UTC           | 2030-01-01T00:00:00Z     | 2030-01-07T09:00:00Z"
            })
    void shouldFireByTheClockOfItsZone(String fields, String zone, Instant after, Instant next) {
        assertThat(cron(fields, Optional.ofNullable(zone).orElse("")).after(after))
                .contains(next);
    }

    @Test
    void shouldKnowTheLastTimeUpToNow() {
        Timing timing = cron("*/15 * * * *", "");

        assertThat(timing.upTo(Instant.parse("2030-01-01T00:15:00Z"))).contains(Instant.parse("2030-01-01T00:15:00Z"));
        assertThat(timing.upTo(Instant.parse("2030-01-01T00:14:59.999Z")))
                .contains(Instant.parse("2030-01-01T00:00:00Z"));
    }

    @Test
    void shouldKeepAnIntervalFromWhenItWasMade() {
        Timing timing = Timing.of(
                Schedule.newBuilder().setEveryMs(1000).setCreatedAtMs(500).build());

        assertThat(timing.after(Instant.ofEpochMilli(500))).contains(Instant.ofEpochMilli(1500));
        assertThat(timing.after(Instant.ofEpochMilli(1500))).contains(Instant.ofEpochMilli(2500));
        assertThat(timing.after(Instant.ofEpochMilli(2499))).contains(Instant.ofEpochMilli(2500));
        assertThat(timing.upTo(Instant.ofEpochMilli(1499))).isEmpty();
        assertThat(timing.upTo(Instant.ofEpochMilli(2499))).contains(Instant.ofEpochMilli(1500));
    }

    @ParameterizedTest
    @CsvSource({"61 * * * *, UTC", "* * * *, UTC", "nonsense, UTC", "* * * * *, Mars/Olympus"})
    void shouldSayWhatIsWrong(String fields, String zone) {
        assertThatThrownBy(() -> cron(fields, zone)).isInstanceOf(IllegalArgumentException.class);
    }
}
