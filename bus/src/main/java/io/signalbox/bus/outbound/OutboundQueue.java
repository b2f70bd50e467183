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

    /** False: no room, even after everything lower or older in its lane was dropped. A single item always finds room in an empty queue. */
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
        return true;
    }

    private boolean makeRoom(Outgoing item) {
        while (bytes > 0 && bytes + item.size() > maxBytes) {
            Optional<Lane> lowest = lowestDroppable(item.lane());
            if (lowest.isEmpty()) {
                return false;
            }
            dropped.accept(poll(lowest.get()));
        }
        return true;
    }

    private Optional<Lane> lowestDroppable(Lane forLane) {
        int highest = Math.max(forLane.ordinal(), Lane.URGENT.ordinal());
        for (int lane = LANES.length - 1; lane >= highest; lane--) {
            if (lanes[lane] != null) {
                return Optional.of(LANES[lane]);
            }
        }
        return Optional.empty();
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
