package io.signalbox.verticles.locking;

/** Fencing tokens are an epoch, in the upper half, and a counter that begins anew with it. */
final class LockToken {
    /** No token. */
    static final long NONE = 0;

    private LockToken() {}

    static long of(long epoch, long counter) {
        return epoch << 32 | counter;
    }

    static long epoch(long token) {
        return token >>> 32;
    }

    static long counter(long token) {
        return token & 0xffff_ffffL;
    }
}
