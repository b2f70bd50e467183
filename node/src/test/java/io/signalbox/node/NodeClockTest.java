package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeClockTest {
    @Test
    void shouldBeTheSystemsClockUnlessToldOtherwise() {
        assertThat(NodeClock.off("")).isEqualTo(InstantSource.system());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "-PT90M"})
    void shouldBeOffByWhatItIsTold(String offset) {
        assertThat(NodeClock.off(offset).instant())
                .isCloseTo(Instant.now().plus(Duration.parse(offset)), within(10, ChronoUnit.MINUTES));
    }

    @Test
    void shouldSayWhatIsWrongWithAnOffset() {
        assertThatThrownBy(() -> NodeClock.off("1 hour"))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("signalbox.clock-offset")
                .hasMessageContaining("'1 hour'");
    }
}
