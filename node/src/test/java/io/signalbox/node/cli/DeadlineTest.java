package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineTest {
    private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "90s, 2030-01-31T12:01:30Z",
        "10m, 2030-01-31T12:10:00Z",
        "1h30m, 2030-01-31T13:30:00Z",
        "2029-01-01T00:00:00Z, 2029-01-01T00:00:00Z",
        "2031-01-01T00:00:00+02:00, 2030-12-31T22:00:00Z"
    })
    void shouldBeFromNowOrAbsolute(String text, Instant deadline) {
        assertThat(Deadline.parse("--deadline", text, NOW)).isEqualTo(deadline);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "10", "10 m", "2030-01-31", "m", "-5m"})
    void shouldSayWhatIsExpectedWhenItIsNeither(String text) {
        assertThatThrownBy(() -> Deadline.parse("--deadline", text, NOW))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("10m")
                .hasMessageContaining("2030-01-31T12:00:00Z");
    }
}
