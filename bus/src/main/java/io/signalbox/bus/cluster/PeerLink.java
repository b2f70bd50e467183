package io.signalbox.bus.cluster;

import io.signalbox.bus.OfferResult;
import io.signalbox.bus.outbound.Lane;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.ToLongFunction;

/**
 * Takes messages for one peer from any thread to the cluster's event loop: many go over with one wake-up. Bounded in bytes
 * here, and by what the loop says of its own queue. Thread-safe.
 */
final class PeerLink {
    private static final Lane[] LANES = Lane.values();

    /** After so many the loop gets a chance to do something else, and what there is goes out. */
    private static final int MAX_BATCH = 1024;

    /** Where the messages go. Confined to the event loop. */
    interface Sink {
        void take(Parcel parcel);

        /** Those that were taken may go out. */
        void flush();
    }

    private final String peer;
    private final long maxBytes;
    private final Executor eventLoop;
    private final Sink sink;
    private final Route plainRoute;
    private final Routes onlyPlain;
    private final ConcurrentLinkedQueue<Parcel> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean up;
    private final AtomicLongArray rooms = new AtomicLongArray(LANES.length);

    /**
     * @param maxBytes what may be on its way to the event loop
     * @param eventLoop runs a task after what it is doing now
     */
    PeerLink(String peer, long maxBytes, Executor eventLoop, Sink sink) {
        this.peer = peer;
        this.maxBytes = maxBytes;
        this.eventLoop = eventLoop;
        this.sink = sink;
        this.plainRoute = new Route(this, "", PatternInterest.PLAIN);
        this.onlyPlain = Routes.NONE.with(plainRoute);
    }

    String peer() {
        return peer;
    }

    /** Shared by nearly all patterns. */
    Route plainRoute() {
        return plainRoute;
    }

    /** The routes of a pattern that this peer alone has a plain interest in. */
    Routes onlyPlain() {
        return onlyPlain;
    }

    /**
     * As the loop finds it after each of its turns.
     *
     * @param room how many bytes it takes in a lane
     */
    void state(boolean up, ToLongFunction<Lane> room) {
        for (Lane lane : LANES) {
            rooms.lazySet(lane.ordinal(), room.applyAsLong(lane));
        }
        this.up = up;
    }

    /**
     * What is accepted goes to the peer, unless something more urgent takes its place or the peer goes away; then it is
     * counted.
     */
    OfferResult offer(Parcel parcel) {
        if (!up) {
            return OfferResult.CLOSED;
        }
        int size = parcel.heapBytes();
        long before = bytes.getAndAdd(size);
        if (before + size > rooms.get(parcel.lane().ordinal()) || before > 0 && before + size > maxBytes) {
            bytes.addAndGet(-size);
            return OfferResult.BACK_PRESSURED;
        }
        queue.add(parcel);
        wake();
        return OfferResult.ACCEPTED;
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            eventLoop.execute(this::drain);
        }
    }

    private void drain() {
        long taken = 0;
        try {
            for (int i = 0; i < MAX_BATCH; i++) {
                Parcel next = queue.poll();
                if (next == null) {
                    break;
                }
                sink.take(next);
                taken += next.heapBytes();
            }
            sink.flush();
        } finally {
            // Once the room is known that they left: so nothing is accepted that there is none for.
            bytes.addAndGet(-taken);
            // Even after an Error, or nothing would ever go again.
            woken.set(false);
            if (!queue.isEmpty()) {
                wake();
            }
        }
    }

    /** Bytes on their way to the event loop. */
    long waitingBytes() {
        return bytes.get();
    }
}
