package io.signalbox.bus.cluster;

import io.signalbox.bus.outbound.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides what goes to a peer and when, and what of the peer's counts. Both ends count messages and bytes since both are
 * what they are (pair of incarnations), so that what is lost on the way is known at the next batch or status, and
 * the sender never gets further ahead than the receiver allows. Single writer, not thread-safe.
 */
final class LinkFlow {
    /** Batches are sent by bytes; this bounds the list. */
    private static final int MAX_BATCH = 4096;

    /**
     * @param firstSequence messages that were sent before
     * @param firstByte bytes that were sent before
     */
    record Batch(long firstSequence, long firstByte, List<Parcel> parcels) {}

    /** What the sender has sent so far, for the receiver that may not have got it. */
    record Position(long sequence, long bytes) {}

    private final LinkLimits limits;
    private final Consumer<Parcel> dropped;
    private final LinkQueue queue;
    private long sentSequence;
    private long sentBytes;
    private long granted;
    private long receivedSequence;
    private long receivedBytes;
    private long toldGrant;

    /** @param dropped told of each message that was accepted and does not go */
    LinkFlow(LinkLimits limits, Consumer<Parcel> dropped) {
        this.limits = limits;
        this.dropped = dropped;
        this.queue = new LinkQueue(limits.maxWaiting());
    }

    /** @return false: there is no room, and nothing that may be dropped for it */
    boolean offer(Parcel parcel) {
        return queue.add(parcel, dropped);
    }

    /** The next batch, as far as the credit goes. It may overdraw the credit by one message, so that a large one goes too. */
    Optional<Batch> next() {
        if (queue.isEmpty() || sentBytes >= granted) {
            return Optional.empty();
        }
        Position before = position();
        List<Parcel> parcels = new ArrayList<>();
        while (!queue.isEmpty()
                && sentBytes < granted
                && sentBytes - before.bytes() < limits.batch()
                && parcels.size() < MAX_BATCH) {
            Parcel parcel = queue.poll();
            parcels.add(parcel);
            sentBytes += MessageFrames.size(parcel);
            sentSequence++;
        }
        return Optional.of(new Batch(before.sequence(), before.bytes(), parcels));
    }

    /** @param total bytes that the peer allows since the beginning */
    void granted(long total) {
        granted = Math.max(granted, total);
    }

    Position position() {
        return new Position(sentSequence, sentBytes);
    }

    /**
     * A batch has come.
     *
     * @param first what the peer had sent before it
     * @return false: it is late, what came after it counts already; it is to be refused
     */
    boolean received(Position first, int messages, long bytes) {
        if (first.sequence() < receivedSequence) {
            return false;
        }
        receivedSequence = first.sequence() + messages;
        receivedBytes = first.bytes() + bytes;
        return true;
    }

    /** @return how many messages the peer has sent up to the position that will never come */
    long lostUntil(Position sent) {
        long lost = Math.max(0, sent.sequence() - receivedSequence);
        receivedSequence += lost;
        receivedBytes = Math.max(receivedBytes, sent.bytes());
        return lost;
    }

    /** What the peer may send since the beginning. To be told; asking counts as telling. */
    long grant() {
        toldGrant = receivedBytes + limits.window();
        return toldGrant;
    }

    /** Whether so much was handed over that the peer should hear of it now. */
    boolean owesGrant() {
        return receivedBytes + limits.window() - toldGrant >= limits.window() / 2;
    }

    /** The peer is gone: what waits is dropped. */
    void clear() {
        while (!queue.isEmpty()) {
            dropped.accept(queue.poll());
        }
    }

    /** How many bytes {@link #offer} would take in a lane. */
    long room(Lane lane) {
        return queue.room(lane);
    }

    long waitingBytes() {
        return queue.bytes();
    }
}
