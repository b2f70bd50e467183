package io.signalbox.bus.outbound;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts what outbound writers drop. Thread-safe. */
public final class OutboundMetrics {
    private final Map<Lane, Counter> dropped = new EnumMap<>(Lane.class);

    public OutboundMetrics(MeterRegistry meters) {
        for (Lane lane : Lane.values()) {
            dropped.put(
                    lane,
                    Counter.builder("signalbox.bus.outbound.dropped")
                            .description("Messages dropped because their receiver was too slow")
                            .tag("lane", lane.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
    }

    void dropped(Lane lane) {
        dropped.get(lane).increment();
    }
}
