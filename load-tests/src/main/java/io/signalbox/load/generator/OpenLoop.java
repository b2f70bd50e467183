package io.signalbox.load.generator;

/**
 * When messages of a fixed rate are due, however the server does: at the begin of groups, {@value #GROUP_MICROS} µs apart.
 * Each group is given once, late if need be. Not thread-safe.
 */
final class OpenLoop {
    private static final int GROUP_MICROS = 200;

    /** From group to group. */
    static final long GROUP_NANOS = GROUP_MICROS * 1000L;

    private final long beginNanos;
    private final long endNanos;
    private final double rate;
    private long groups;
    private long dueBefore;
    private long due;

    /** @param rate messages per second */
    OpenLoop(long beginNanos, long endNanos, double rate) {
        this.beginNanos = beginNanos;
        this.endNanos = endNanos;
        this.rate = rate;
    }

    /** Moves to the next group; false: it is not due yet, or the end is reached. */
    boolean next(long now) {
        long at = beginNanos + groups * GROUP_NANOS;
        if (at > now || at >= endNanos) {
            return false;
        }
        groups++;
        dueBefore = due;
        due = (long) (groups * GROUP_NANOS * rate / 1e9);
        return true;
    }

    /** When this group's messages are due. */
    long at() {
        return beginNanos + (groups - 1) * GROUP_NANOS;
    }

    /** How many messages this group has. */
    long messages() {
        return due - dueBefore;
    }
}
