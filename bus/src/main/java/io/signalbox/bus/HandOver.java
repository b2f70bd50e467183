package io.signalbox.bus;

import io.signalbox.codecs.EncodedMessage;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages to an event loop: many go over with one wake-up, in the order of each publisher. One for all subscribers
 * of a loop, or of their own where they need their own bound. Thread-safe.
 */
public final class HandOver {
    private static final Logger log = LoggerFactory.getLogger(HandOver.class);

    /** After so many the loop gets a chance to do something else. */
    private static final int MAX_BATCH = 256;

    private record Delivery(Consumer<EncodedMessage> target, EncodedMessage message) {}

    private final ContextInternal context;
    private final int maxQueued;
    private final ConcurrentLinkedQueue<Delivery> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean closed;

    /** @param maxQueued beyond it {@link OfferResult#BACK_PRESSURED} is the answer */
    public HandOver(Context context, int maxQueued) {
        this.context = (ContextInternal) context;
        this.maxQueued = maxQueued;
    }

    /** @param target called on the event loop */
    public Subscriber to(Consumer<EncodedMessage> target) {
        return message -> offer(target, message);
    }

    /**
     * For a target that does no more than take the message in. One that is published on the event loop itself is there at
     * once, within the publish: nothing is queued and nobody woken. The order of each publisher stays, as it is always on
     * the loop or never.
     */
    public Subscriber directlyTo(Consumer<EncodedMessage> target) {
        return message -> context.inThread() ? deliverNow(target, message) : offer(target, message);
    }

    private OfferResult deliverNow(Consumer<EncodedMessage> target, EncodedMessage message) {
        if (closed) {
            return OfferResult.CLOSED;
        }
        deliver(new Delivery(target, message));
        return OfferResult.ACCEPTED;
    }

    private OfferResult offer(Consumer<EncodedMessage> target, EncodedMessage message) {
        if (closed) {
            return OfferResult.CLOSED;
        }
        if (queued.incrementAndGet() > maxQueued) {
            queued.decrementAndGet();
            return OfferResult.BACK_PRESSURED;
        }
        queue.add(new Delivery(target, message));
        wake();
        return OfferResult.ACCEPTED;
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            context.runOnContext(ignored -> deliver());
        }
    }

    private void deliver() {
        try {
            deliverBatch();
        } finally {
            // Even after an Error, or nothing would ever be delivered again.
            woken.set(false);
            if (!queue.isEmpty()) {
                wake();
            }
        }
    }

    private void deliverBatch() {
        for (int i = 0; i < MAX_BATCH; i++) {
            Delivery next = queue.poll();
            if (next == null) {
                break;
            }
            queued.decrementAndGet();
            if (!closed) {
                deliver(next);
            }
        }
    }

    private void deliver(Delivery delivery) {
        try {
            delivery.target().accept(delivery.message());
        } catch (RuntimeException e) {
            log.error(
                    "A subscriber failed on a message to {}", delivery.message().address(), e);
        }
    }

    /** What waits is not delivered any more. Idempotent. */
    public void close() {
        closed = true;
    }
}
