package io.signalbox.bus.outbound;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What waits for one connection, in lanes, bounded in bytes. At the bound the oldest of the lowest lane is dropped to make
 * room, never for something lower than itself. Lanes are served by weight, so that urgent ones go first and none starves.
 * Holds no arrays while it is empty. Not thread-safe.
 */
final class OutboundQueue {
    private static final Lane[] LANES = Lane.values();

    private final long maxBytes;
    private final Consumer<Outgoing> dropped;
    private final ArrayDeque<Outgoing>[] lanes = newLanes();
    private final long[] laneBytes = new long[LANES.length];
    private long bytes;
    private int turn;
    private int servedInTurn;

    /** @param dropped told of each message that was dropped to make room */
    OutboundQueue(long maxBytes, Consumer<Outgoing> dropped) {
        this.maxBytes = maxBytes;
        this.dropped = dropped;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static ArrayDeque<Outgoing>[] newLanes() {
        return new ArrayDeque[LANES.length];
    }

    /**
     * False: there would be no room even if everything lower or older in its lane were dropped, and so nothing was. A single
     * item always finds room in an empty queue.
     */
    boolean add(Outgoing item) {
        if (!makeRoom(item)) {
            return false;
        }
        int lane = item.lane().ordinal();
        if (lanes[lane] == null) {
            lanes[lane] = new ArrayDeque<>(4);
        }
        lanes[lane].add(item);
        bytes += item.size();
        laneBytes[lane] += item.size();
        return true;
    }

    private boolean makeRoom(Outgoing item) {
        if (bytes == 0 || bytes + item.size() <= maxBytes) {
            return true;
        }
        int lowestKept = Math.max(item.lane().ordinal(), Lane.URGENT.ordinal()) - 1;
        long kept = 0;
        for (int lane = 0; lane <= lowestKept; lane++) {
            kept += laneBytes[lane];
        }
        if (kept > 0 && kept + item.size() > maxBytes) {
            return false;
        }
        for (int lane = LANES.length - 1; lane > lowestKept; lane--) {
            while (lanes[lane] != null && bytes + item.size() > maxBytes) {
                dropped.accept(poll(LANES[lane]));
            }
        }
        return true;
    }

    /** The next by lane and weight. */
    Optional<Outgoing> poll() {
        if (bytes == 0) {
            return Optional.empty();
        }
        if (lanes[Lane.CONTROL.ordinal()] != null) {
            return Optional.of(poll(Lane.CONTROL));
        }
        while (lanes[turn] == null || servedInTurn >= LANES[turn].weight()) {
            turn = turn + 1 < LANES.length ? turn + 1 : Lane.URGENT.ordinal();
            servedInTurn = 0;
        }
        servedInTurn++;
        return Optional.of(poll(LANES[turn]));
    }

    private Outgoing poll(Lane lane) {
        ArrayDeque<Outgoing> items = lanes[lane.ordinal()];
        Outgoing item = items.poll();
        bytes -= item.size();
        laneBytes[lane.ordinal()] -= item.size();
        if (items.isEmpty()) {
            lanes[lane.ordinal()] = null;
        }
        return item;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    long bytes() {
        return bytes;
    }
}
