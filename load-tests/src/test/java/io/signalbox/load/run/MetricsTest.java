package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final String COUNTER = "signalbox_bus_outbound_dropped_total";

    private static final Metrics BEFORE = Metrics.parse("""
            # HELP signalbox_bus_outbound_dropped_total Messages dropped
            # TYPE signalbox_bus_outbound_dropped_total counter
            signalbox_bus_outbound_dropped_total{lane="bulk"} 7.0
            signalbox_bus_outbound_dropped_total{lane="normal"} 1.0
            """);

    @Test
    void shouldTellWhatGrewByLabel() {
        Metrics after = Metrics.parse("""

                signalbox_bus_outbound_dropped_total{lane="bulk"} 7.0
                signalbox_bus_outbound_dropped_total{lane="normal"} 1.2345E7
                signalbox_bus_outbound_dropped_total{lane="urgent"} 2.0
                signalbox_bus_outbound_dropped_total_created{lane="urgent"} 9.0
                signalbox_bus_messages_total 3.0
                """);

        assertThat(after.growth(BEFORE, COUNTER)).isEqualTo(Map.of("normal", 12_344_999L, "urgent", 2L));
    }

    @Test
    void shouldTellNothingWhenNothingGrew() {
        assertThat(BEFORE.growth(BEFORE, COUNTER)).isEmpty();
    }
}
