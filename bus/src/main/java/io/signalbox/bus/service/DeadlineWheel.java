package io.signalbox.bus.service;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Things with deadlines, found again a tick after it: one timer for all of them instead of one each. What was done in
 * time stays until its deadline; the owner tells. Thread-safe.
 */
final class DeadlineWheel<T> {
    private final long tickMillis;
    private final ConcurrentSkipListMap<Long, Queue<T>> ticks = new ConcurrentSkipListMap<>();

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

    /** Takes out what was due. */
    List<T> expired(Instant now) {
        List<T> due = new ArrayList<>();
        long tick = Math.floorDiv(now.toEpochMilli(), tickMillis);
        for (Map.Entry<Long, Queue<T>> first = ticks.firstEntry();
                first != null && first.getKey() <= tick;
                first = ticks.firstEntry()) {
            Queue<T> items = ticks.remove(first.getKey());
            if (items != null) {
                due.addAll(items);
            }
        }
        return due;
    }
}
