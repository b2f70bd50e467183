package io.signalbox.bus.outbound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The queues of all connections of an event loop for which something waits. A connection takes one when there is something
 * for it and gives it back when it is empty, mostly within the same turn: the others cost nothing, and a message changes no
 * reference in what lives as long as its connection, which the garbage collector would have to look at. Confined to the
 * event loop.
 */
public final class OutboundQueues {
    /** Of those that wait for the next use; a message to all needs one for each connection, for a moment. */
    private static final int MAX_SPARE = 1024;

    private final OutboundLimits limits;
    private final OutboundMetrics metrics;
    private final List<OutboundQueue> queues = new ArrayList<>();
    private int[] free = new int[16];
    private int freeCount;

    public OutboundQueues(OutboundLimits limits, OutboundMetrics metrics) {
        this.limits = limits;
        this.metrics = metrics;
    }

    OutboundLimits limits() {
        return limits;
    }

    OutboundMetrics metrics() {
        return metrics;
    }

    /** @return where an empty queue is, until it is given back */
    int take() {
        if (freeCount == 0) {
            queues.add(new OutboundQueue(limits.maxBytes()));
            return queues.size() - 1;
        }
        int slot = free[--freeCount];
        if (queues.get(slot) == null) {
            queues.set(slot, new OutboundQueue(limits.maxBytes()));
        }
        return slot;
    }

    OutboundQueue get(int slot) {
        return queues.get(slot);
    }

    /** What waits in it is forgotten. */
    void giveBack(int slot) {
        if (freeCount >= MAX_SPARE || !queues.get(slot).reset()) {
            queues.set(slot, null);
        }
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = slot;
    }
}
