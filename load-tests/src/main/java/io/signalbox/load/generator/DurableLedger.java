package io.signalbox.load.generator;

import io.signalbox.load.dialect.Stamp;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of each durable message of a run: what is acknowledged to its sender must be delivered, a delivery that is not
 * the first must say so, and first deliveries of one sender to one receiver are in order. Not thread-safe.
 */
final class DurableLedger {
    private static final int CHUNK = 1 << 16;
    private static final byte ACKNOWLEDGED = 1;
    private static final byte REFUSED = 2;
    private static final byte DELIVERED = 4;

    /** Chunks do not move when there are more: copying would be a pause. */
    private record Chunk(byte[] states, long[] due) {
        Chunk() {
            this(new byte[CHUNK], new long[CHUNK]);
        }
    }

    private final List<Chunk> chunks = new ArrayList<>();
    private final Oracle order = new Oracle();
    private final boolean delivers;
    private int sent;
    private long acknowledged;
    private long refused;
    private long undelivered;
    private long repeated;
    private long unflagged;
    private long stray;

    /** @param delivers whether there are receivers; else an acknowledged message counts as delivered */
    DurableLedger(boolean delivers) {
        this.delivers = delivers;
    }

    /**
     * A message goes out.
     *
     * @param number one more than the one before, from 1
     */
    void sent(int number, long dueNanos) {
        sent = number;
        if (number / CHUNK >= chunks.size()) {
            chunks.add(new Chunk());
        }
        chunk(number).due()[number % CHUNK] = dueNanos;
    }

    private Chunk chunk(int number) {
        return chunks.get(number / CHUNK);
    }

    /** When a message that was sent was due. */
    long due(int number) {
        return chunk(number).due()[number % CHUNK];
    }

    private boolean isSent(int number) {
        return number > 0 && number <= sent;
    }

    private boolean has(int number, int state) {
        return (chunk(number).states()[number % CHUNK] & state) != 0;
    }

    private void mark(int number, byte state) {
        chunk(number).states()[number % CHUNK] |= state;
    }

    /** The sender was told that it is safe; false: it had an answer before, or nobody sent it. */
    boolean acknowledged(int number) {
        if (!isAnswer(number)) {
            return false;
        }
        mark(number, ACKNOWLEDGED);
        acknowledged++;
        if (delivers && !has(number, DELIVERED)) {
            undelivered++;
        }
        return true;
    }

    /** The sender was told that it is not safe; false: it had an answer before, or nobody sent it. */
    boolean refused(int number) {
        if (!isAnswer(number)) {
            return false;
        }
        mark(number, REFUSED);
        refused++;
        return true;
    }

    private boolean isAnswer(int number) {
        if (isSent(number) && !has(number, ACKNOWLEDGED | REFUSED)) {
            return true;
        }
        stray++;
        return false;
    }

    /** A receiver got it; false: not for the first time, or nobody sent it. */
    boolean delivered(Stamp stamp, int receiver, int attempt) {
        int number = stamp.number();
        if (!isSent(number)) {
            stray++;
            return false;
        }
        if (has(number, DELIVERED)) {
            if (attempt > 1) {
                repeated++;
            } else {
                unflagged++;
            }
            return false;
        }
        mark(number, DELIVERED);
        order.received(stamp, receiver);
        if (has(number, ACKNOWLEDGED)) {
            undelivered--;
        }
        return true;
    }

    /** Whether nothing more will become of it: refused, or acknowledged and delivered. */
    boolean isOver(int number) {
        return has(number, REFUSED) || has(number, ACKNOWLEDGED) && (!delivers || has(number, DELIVERED));
    }

    /** Whether all that was sent is over. */
    boolean isSettled() {
        return unanswered() == 0 && undelivered == 0;
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Sent and neither acknowledged nor refused. */
    long unanswered() {
        return sent - acknowledged - refused;
    }

    /** Acknowledged and not delivered: lost, once nothing more comes. */
    long undelivered() {
        return undelivered;
    }

    /** Deliveries after the first that said so. */
    long repeated() {
        return repeated;
    }

    /** Deliveries after the first that did not say so. */
    long unflagged() {
        return unflagged;
    }

    /** First deliveries that came after a later one of the same sender. */
    long reordered() {
        return order.reordered();
    }

    /** Answers and deliveries that belong to nothing that was sent, and second answers. */
    long stray() {
        return stray;
    }
}
