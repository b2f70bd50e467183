package io.signalbox.gateway.agent;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/**
 * Clients that wait for their turn to be let in, in its order, with one timer for all. Who leaves meanwhile stays on the
 * list: its turn comes to nothing. Bounded by the turns that {@link ConnectPacer} gives. Confined to an event loop.
 */
final class WaitingRoom {
    /** Those whose turn comes within it are let in together. */
    static final Duration STEP = Duration.ofMillis(10);

    /** Then the event loop does what else there is: those who are connected must not wait for all who are late. */
    static final int AT_ONCE = 16;

    /** Runs tasks on the event loop. */
    interface Timer {
        /** @param delay zero: after what the event loop has to do now */
        void after(Duration delay, Runnable task);
    }

    private record Waiting(long turn, Runnable letIn) implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            return Long.signum(turn - other.turn);
        }
    }

    private final LongSupplier nanos;
    private final Timer timer;
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private boolean timed;

    /** @param nanos a clock that nobody sets, as {@link System#nanoTime} */
    WaitingRoom(LongSupplier nanos, Timer timer) {
        this.nanos = nanos;
        this.timer = timer;
    }

    /** The turn of who has to wait so long from now on. */
    long turnAfter(Duration wait) {
        return nanos.getAsLong() + wait.toNanos();
    }

    boolean hasCome(long turn) {
        return turn - nanos.getAsLong() <= 0;
    }

    void enter(long turn, Runnable letIn) {
        waiting.add(new Waiting(turn, letIn));
        look(STEP);
    }

    private void look(Duration delay) {
        if (!timed && !waiting.isEmpty()) {
            timed = true;
            timer.after(delay, this::letIn);
        }
    }

    private void letIn() {
        timed = false;
        int left = AT_ONCE;
        try {
            while (left > 0 && !waiting.isEmpty() && hasCome(waiting.element().turn())) {
                left--;
                waiting.remove().letIn().run();
            }
        } finally {
            look(left == 0 ? Duration.ZERO : STEP);
        }
    }
}
