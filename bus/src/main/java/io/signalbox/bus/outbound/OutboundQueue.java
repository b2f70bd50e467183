package io.signalbox.bus.outbound;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What waits for one connection, in lanes, bounded in bytes. At the bound the oldest of the lowest lane is dropped to make
 * room, never for something lower than itself. Lanes are served by weight, so that urgent ones go first and none starves.
 * Not thread-safe.
 */
final class OutboundQueue {
    private static final Lane[] LANES = Lane.values();

    /** A lane that ever held more has a long array, which is not kept for the next use. */
    private static final int MAX_KEPT = 64;

    private final long maxBytes;
    private final ArrayDeque<Outgoing>[] lanes = newLanes();
    private final long[] laneBytes = new long[LANES.length];
    private long bytes;
    private int turn;
    private int servedInTurn;
    private int longest;

    OutboundQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static ArrayDeque<Outgoing>[] newLanes() {
        return new ArrayDeque[LANES.length];
    }

    /**
     * False: there would be no room even if everything lower or older in its lane were dropped, and so nothing was. A single
     * item always finds room in an empty queue.
     *
     * @param dropped told of each message that was dropped to make room
     */
    boolean add(Outgoing item, Consumer<Outgoing> dropped) {
        if (!makeRoom(item, dropped)) {
            return false;
        }
        int lane = item.lane().ordinal();
        if (lanes[lane] == null) {
            lanes[lane] = new ArrayDeque<>(4);
        }
        lanes[lane].add(item);
        longest = Math.max(longest, lanes[lane].size());
        bytes += item.size();
        laneBytes[lane] += item.size();
        return true;
    }

    private boolean makeRoom(Outgoing item, Consumer<Outgoing> dropped) {
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
            while (laneBytes[lane] > 0 && bytes + item.size() > maxBytes) {
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
        if (laneBytes[Lane.CONTROL.ordinal()] > 0) {
            return Optional.of(poll(Lane.CONTROL));
        }
        while (laneBytes[turn] == 0 || servedInTurn >= LANES[turn].weight()) {
            turn = turn + 1 < LANES.length ? turn + 1 : Lane.URGENT.ordinal();
            servedInTurn = 0;
        }
        servedInTurn++;
        return Optional.of(poll(LANES[turn]));
    }

    private Outgoing poll(Lane lane) {
        Outgoing item = lanes[lane.ordinal()].remove();
        bytes -= item.size();
        laneBytes[lane.ordinal()] -= item.size();
        return item;
    }

    /** Whatever is no control, in no certain order. */
    void forEachMessage(Consumer<Outgoing> action) {
        for (int lane = Lane.URGENT.ordinal(); lane < LANES.length; lane++) {
            if (lanes[lane] != null) {
                lanes[lane].forEach(action);
            }
        }
    }

    void removeControls(int kind) {
        int lane = Lane.CONTROL.ordinal();
        if (laneBytes[lane] == 0) {
            return;
        }
        lanes[lane].removeIf(item -> {
            boolean remove = item instanceof Outgoing.OutgoingControl control && control.kind() == kind;
            if (remove) {
                bytes -= item.size();
                laneBytes[lane] -= item.size();
            }
            return remove;
        });
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    long bytes() {
        return bytes;
    }

    /** Forgets what waits. False: the queue had grown, and is better made anew. */
    boolean reset() {
        if (longest > MAX_KEPT) {
            return false;
        }
        for (int lane = 0; lane < LANES.length; lane++) {
            if (laneBytes[lane] > 0) {
                lanes[lane].clear();
                laneBytes[lane] = 0;
            }
        }
        bytes = 0;
        turn = 0;
        servedInTurn = 0;
        return true;
    }
}
