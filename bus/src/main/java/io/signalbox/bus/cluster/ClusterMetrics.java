package io.signalbox.bus.cluster;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.outbound.Lane;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** Counts what goes between nodes. Thread-safe. */
final class ClusterMetrics {
    final Counter sent;
    final Counter received;
    final Counter unrouted;
    final Counter lost;
    final Counter refused;
    final Counter diverged;
    final Counter interestChanges;
    private final Map<Lane, Counter> dropped = new EnumMap<>(Lane.class);

    ClusterMetrics(MeterRegistry meters) {
        sent = counter(meters, "sent", "Messages given to the link of a peer");
        received = counter(meters, "received", "Messages that came from peers");
        unrouted = counter(meters, "unrouted", "Messages from peers that no subscriber took any more");
        lost = counter(meters, "lost", "Messages of peers that were lost on their way");
        refused = counter(meters, "refused", "Frames of peers that were late or not of the present incarnation");
        diverged = counter(meters, "diverged", "Times that the interest known of a peer was found to be wrong");
        interestChanges = counter(meters, "interest.changes", "Changes of peers' interest");
        for (Lane lane : Lane.values()) {
            dropped.put(
                    lane,
                    Counter.builder("signalbox.bus.peer.dropped")
                            .description("Messages dropped because a peer was too slow or went away")
                            .tag("lane", lane.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
    }

    private static Counter counter(MeterRegistry meters, String name, String description) {
        return Counter.builder("signalbox.bus.peer." + name)
                .description(description)
                .register(meters);
    }

    void gauges(MeterRegistry meters, LongSupplier peersUp, LongSupplier waitingBytes) {
        Gauge.builder("signalbox.bus.peers.up", peersUp, LongSupplier::getAsLong)
                .description("Nodes that this one is linked with")
                .strongReference(true)
                .register(meters);
        Gauge.builder("signalbox.bus.peer.waiting", waitingBytes, LongSupplier::getAsLong)
                .description("What waits for peers")
                .baseUnit("bytes")
                .strongReference(true)
                .register(meters);
    }

    void dropped(Lane lane) {
        dropped.get(lane).increment();
    }
}
