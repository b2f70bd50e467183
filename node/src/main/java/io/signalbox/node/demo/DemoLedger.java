package io.signalbox.node.demo;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What happens in the demo, counted. Thread-safe. */
final class DemoLedger {
    private static final long HIGHEST_MICROS = Duration.ofMinutes(10).toNanos() / 1000;

    private final Map<String, Long> submittedAt = new ConcurrentHashMap<>();
    private final Set<String> receivedOnce = ConcurrentHashMap.newKeySet();
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    final Histogram submitToReceived = new ConcurrentHistogram(HIGHEST_MICROS, 3);
    final Histogram submitToDone = new ConcurrentHistogram(HIGHEST_MICROS, 3);
    final AtomicLong accepted = new AtomicLong();
    final AtomicLong submitsRepeated = new AtomicLong();
    final AtomicLong received = new AtomicLong();
    final AtomicLong attemptsFailed = new AtomicLong();
    final AtomicLong connectionsCut = new AtomicLong();
    final AtomicLong agentsCrashed = new AtomicLong();
    final AtomicLong agentsBack = new AtomicLong();
    final AtomicLong nodeKills = new AtomicLong();
    final AtomicLong nodeBackMillis = new AtomicLong();

    /** @param number of the task, which its labels carry */
    void submitting(String number) {
        submittedAt.putIfAbsent(number, System.nanoTime());
    }

    void received(String number) {
        received.incrementAndGet();
        if (receivedOnce.add(number)) {
            record(submitToReceived, number);
        }
    }

    /** An agent has finished it; the node's word that it is settled follows. */
    void done(String number) {
        if (done.add(number)) {
            record(submitToDone, number);
        }
    }

    private void record(Histogram histogram, String number) {
        Long begin = submittedAt.get(number);
        if (begin != null) {
            histogram.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - begin) / 1000));
        }
    }

    long doneCount() {
        return done.size();
    }
}
