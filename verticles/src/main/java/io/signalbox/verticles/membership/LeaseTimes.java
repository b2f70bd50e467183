package io.signalbox.verticles.membership;

import java.time.Duration;

/**
 * What follows from the length of a lease, in nanoseconds. A lease of 3 s notices a hung node within 5 s, and within 1 s
 * one that was killed.
 *
 * @param lease as the store grants it
 * @param hold from the start of a renewal: a node takes its lease for over when a tenth is left, for clocks differ in speed
 *     and timers are late
 * @param renewal from one renewal to the next
 * @param silence a peer with closed links that has not renewed for this long is dead
 * @param sight a peer is fenced for its lease alone only after no renewal of it was seen for this long, whatever the
 *     store's clock says
 */
record LeaseTimes(long lease, long hold, long renewal, long silence, long sight) {

    static LeaseTimes of(Duration lease) {
        long nanos = lease.toNanos();
        return new LeaseTimes(nanos, nanos - nanos / 10, nanos / 6, nanos / 4, nanos / 2);
    }
}
