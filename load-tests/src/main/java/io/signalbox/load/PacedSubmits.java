package io.signalbox.load;

import io.signalbox.node.client.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Submits tasks at a fixed rate until it is stopped. */
final class PacedSubmits implements AutoCloseable {
    private static final int THREADS = 32;

    private final TaskSubmitter submitter;
    private final TaskLedger ledger;
    private final long gapNanos;
    private final long begin = System.nanoTime();
    private final AtomicInteger next = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    PacedSubmits(TaskSubmitter submitter, TaskLedger ledger, int perSecond) {
        this.submitter = submitter;
        this.ledger = ledger;
        this.gapNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofVirtual().start(this::submit));
        }
    }

    private void submit() {
        try {
            while (!stopped) {
                int number = next.getAndIncrement();
                LockSupport.parkNanos(begin + number * gapNanos - System.nanoTime());
                ledger.accepted(submitter.submit("paced-" + number, number));
            }
        } catch (ApiException e) {
            refusals.add(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when what was under way is accepted. */
    void stop() throws InterruptedException, LoadException {
        close();
        if (!refusals.isEmpty()) {
            throw new LoadException("a task was refused: " + refusals.peek());
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
