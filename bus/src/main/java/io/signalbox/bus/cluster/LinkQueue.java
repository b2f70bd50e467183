package io.signalbox.bus.cluster;

import io.signalbox.bus.outbound.Lane;
import java.util.function.Consumer;

/**
 * What waits for one peer, in lanes by priority, bounded in bytes. At the bound the oldest of the lowest lane that is not
 * durable is dropped to make room, never for something lower than itself. Lists of their own, so that one can be
 * taken out of the middle. Not thread-safe.
 */
final class LinkQueue {
    private static final int FIRST = Lane.URGENT.ordinal();
    private static final int LAST = Lane.BULK.ordinal();

    /** So many of a lane go in one round while the other lanes wait too. */
    private static final int[] WEIGHTS = {0, 16, 4, 1};

    private static final class Node {
        final Parcel parcel;
        Node before;
        Node after;
        Node nextDroppable;

        Node(Parcel parcel) {
            this.parcel = parcel;
        }
    }

    /** A lane: all in their order, and those that may be dropped in theirs. */
    private static final class Row {
        Node head;
        Node tail;
        Node oldestDroppable;
        Node newestDroppable;
        long droppableBytes;

        boolean isEmpty() {
            return head == null;
        }

        void add(Node node) {
            node.before = tail;
            if (tail == null) {
                head = node;
            } else {
                tail.after = node;
            }
            tail = node;
            if (!node.parcel.isDurable()) {
                if (oldestDroppable == null) {
                    oldestDroppable = node;
                } else {
                    newestDroppable.nextDroppable = node;
                }
                newestDroppable = node;
                droppableBytes += node.parcel.heapBytes();
            }
        }

        Parcel removeHead() {
            return remove(head);
        }

        Parcel removeOldestDroppable() {
            return remove(oldestDroppable);
        }

        /** The head, or the oldest that may be dropped: either way the first of the droppable ones, if it is one. */
        private Parcel remove(Node node) {
            if (node == oldestDroppable) {
                oldestDroppable = node.nextDroppable;
                droppableBytes -= node.parcel.heapBytes();
            }
            if (node.before == null) {
                head = node.after;
            } else {
                node.before.after = node.after;
            }
            if (node.after == null) {
                tail = node.before;
            } else {
                node.after.before = node.before;
            }
            return node.parcel;
        }
    }

    private final long maxBytes;
    private final Row[] rows = {new Row(), new Row(), new Row(), new Row()};
    private long bytes;
    private int turn = FIRST;
    private int servedInTurn;

    LinkQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * A single one always finds room in an empty queue.
     *
     * @param dropped told of each that was dropped to make room
     * @return false: there would be no room even if everything that may be were dropped, and so nothing was
     */
    boolean add(Parcel parcel, Consumer<Parcel> dropped) {
        int lane = parcel.lane().ordinal();
        if (!makeRoom(parcel.heapBytes(), lane, dropped)) {
            return false;
        }
        rows[lane].add(new Node(parcel));
        bytes += parcel.heapBytes();
        return true;
    }

    private boolean makeRoom(long wanted, int lane, Consumer<Parcel> dropped) {
        if (bytes == 0 || bytes + wanted <= maxBytes) {
            return true;
        }
        long kept = bytes - droppable(lane);
        if (kept > 0 && kept + wanted > maxBytes) {
            return false;
        }
        for (int each = LAST; each >= lane; each--) {
            while (rows[each].droppableBytes > 0 && bytes + wanted > maxBytes) {
                dropped.accept(take(rows[each].removeOldestDroppable()));
            }
        }
        return true;
    }

    /** How many bytes a lane would take now, at the cost of what may be dropped for it. */
    long room(Lane lane) {
        return isEmpty() ? Long.MAX_VALUE : maxBytes - bytes + droppable(lane.ordinal());
    }

    private long droppable(int lane) {
        long droppable = 0;
        for (int each = lane; each <= LAST; each++) {
            droppable += rows[each].droppableBytes;
        }
        return droppable;
    }

    /** The next by lane and weight; only when it is not empty. */
    Parcel poll() {
        while (rows[turn].isEmpty() || servedInTurn >= WEIGHTS[turn]) {
            turn = turn < LAST ? turn + 1 : FIRST;
            servedInTurn = 0;
        }
        servedInTurn++;
        return take(rows[turn].removeHead());
    }

    private Parcel take(Parcel parcel) {
        bytes -= parcel.heapBytes();
        return parcel;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    long bytes() {
        return bytes;
    }
}
