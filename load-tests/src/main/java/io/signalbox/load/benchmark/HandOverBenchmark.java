package io.signalbox.load.benchmark;

import io.signalbox.bus.HandOver;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.Subscriber;
import io.signalbox.codecs.EncodedMessage;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From the benchmark's thread to an event loop; the time is until the message has arrived there. */
@State(Scope.Thread)
public class HandOverBenchmark {
    private static final int BURST = 256;

    private final Vertx vertx = Vertx.vertx();
    private final HandOver handOver = new HandOver(vertx.getOrCreateContext(), BURST);
    private final AtomicLong received = new AtomicLong();
    private final Subscriber subscriber = handOver.to(message -> received.lazySet(received.getPlain() + 1));
    private final EncodedMessage message = Sample.message(Sample.ADDRESS);
    private long sent;

    @TearDown
    public void close() throws TimeoutException {
        handOver.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    /** Wakes a sleeping event loop each time. */
    @Benchmark
    public void one() {
        offer();
        awaitAll();
    }

    /** For each message of many. */
    @Benchmark
    @OperationsPerInvocation(BURST)
    public void burst() {
        for (int i = 0; i < BURST; i++) {
            offer();
        }
        awaitAll();
    }

    private void offer() {
        if (subscriber.offer(message) != OfferResult.ACCEPTED) {
            throw new IllegalStateException("the hand-over is full");
        }
        sent++;
    }

    /** Gives the processor away: where there are too few, the event loop needs this one. */
    private void awaitAll() {
        while (received.get() != sent) {
            Thread.yield();
        }
    }
}
