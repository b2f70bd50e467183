package io.signalbox.verticles.locking;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.signalbox.verticles.locking.LockStore.Event;
import io.signalbox.verticles.locking.LockStore.Status;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/** What is counted of locks. Thread-safe. */
final class LockMeters {
    private final Map<Event.Kind, Counter> events = new EnumMap<>(Event.Kind.class);
    private final Map<Status, Counter> acquired = new EnumMap<>(Status.class);
    private final Timer waited;
    private final AtomicIntegerArray locks = new AtomicIntegerArray(LockKeys.SHARDS);

    LockMeters(MeterRegistry meters) {
        Arrays.stream(Event.Kind.values())
                .forEach(kind -> events.put(
                        kind,
                        Counter.builder("signalbox.locks.events")
                                .description("What became of claims that did not ask for it, seen by this node")
                                .tag("event", name(kind))
                                .register(meters)));
        Arrays.stream(Status.values())
                .forEach(status -> acquired.put(
                        status,
                        Counter.builder("signalbox.locks.acquire")
                                .description("Requests for locks, by their answer")
                                .tag("answer", name(status))
                                .register(meters)));
        this.waited = Timer.builder("signalbox.locks.wait")
                .description("How long those waited that were granted a lock by another's release or end")
                .publishPercentileHistogram()
                .register(meters);
        Gauge.builder("signalbox.locks.used", locks, this::sum)
                .description("Locks of the cluster that are held or waited for, counted once a second")
                .register(meters);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private double sum(AtomicIntegerArray counts) {
        return IntStream.range(0, counts.length()).map(counts::get).sum();
    }

    void happened(Event event) {
        events.get(event.kind()).increment();
        if (event.kind() == Event.Kind.GRANTED) {
            waited.record(event.waited());
        }
    }

    void acquired(Status status) {
        acquired.get(status).increment();
    }

    void used(int shard, int count) {
        locks.set(shard, count);
    }
}
