package io.signalbox.bus.service;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Things with deadlines, found again a tick after it: one timer for all of them instead of one each. What was done in
 * time stays until its deadline; the owner tells. Thread-safe; {@link #expired} is for one thread.
 */
final class DeadlineWheel<T> {
    private final long tickMillis;

    /** A hash map, whose compute is atomic: that of the sorted one may run twice, and give an item twice. */
    private final ConcurrentHashMap<Long, Queue<T>> ticks = new ConcurrentHashMap<>();

    DeadlineWheel(Duration tick) {
        this.tickMillis = tick.toMillis();
    }

    void add(T item, Instant deadline) {
        long tick = Math.ceilDiv(deadline.toEpochMilli(), tickMillis);
        // compute and not get: so that no item goes to a tick that is being taken away.
        ticks.compute(tick, (ignored, items) -> {
            Queue<T> some = items == null ? new ConcurrentLinkedQueue<>() : items;
            some.add(item);
            return some;
        });
    }

    /** Takes out what was due, in no order. */
    List<T> expired(Instant now) {
        List<T> due = new ArrayList<>();
        long tick = Math.floorDiv(now.toEpochMilli(), tickMillis);
        for (Long each : ticks.keySet()) {
            if (each <= tick) {
                due.addAll(ticks.remove(each));
            }
        }
        return due;
    }
}
