package io.signalbox.node.embedded;

import java.time.Duration;

/** A point in time after which waiting is given up. Immutable, thread-safe. */
record Deadline(long atNanos) {
    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    boolean isOver() {
        return atNanos - System.nanoTime() <= 0;
    }
}
