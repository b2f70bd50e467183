package io.signalbox.verticles.registry;

/**
 * Makes the generations of registrations, so that of two of one agent the later one has the greater: whichever nodes made
 * them, for all go by the database's clock; and whatever clocks do, for each is greater than all that this node has heard of.
 * A number tells quarters of milliseconds since 2026 and, in its last 8 bits, the node's incarnation, so that no two nodes make
 * the same; it stays below 2^53, which is exact in every language. Not thread-safe.
 */
final class Generations {
    /** The first of 2026. */
    private static final long EPOCH_MILLIS = 1_767_225_600_000L;

    private static final int TICKS_PER_MILLI = 4;
    private static final int INCARNATION_BITS = 8;

    private long last;

    /**
     * @param databaseMillis milliseconds since 1970 by the database's clock
     * @param incarnation of this node
     */
    long next(long databaseMillis, int incarnation) {
        long tick = Math.max(0, databaseMillis - EPOCH_MILLIS) * TICKS_PER_MILLI;
        long greater = Math.max(tick, (last >>> INCARNATION_BITS) + 1);
        last = greater << INCARNATION_BITS | incarnation & (1 << INCARNATION_BITS) - 1;
        return last;
    }

    /** Another node has made this one. */
    void heard(long generation) {
        last = Math.max(last, generation);
    }
}
