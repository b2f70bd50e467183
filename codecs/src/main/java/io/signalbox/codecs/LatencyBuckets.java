package io.signalbox.codecs;

/** Numbers ranges of milliseconds, each an eighth of its power of two: few numbers, none off by more than 12.5 %. */
public final class LatencyBuckets {
    private static final int SUB_BITS = 3;
    private static final int SUBS = 1 << SUB_BITS;

    private LatencyBuckets() {}

    /** Grows with the time; what is negative counts as 0. */
    public static int of(long millis) {
        if (millis < SUBS) {
            return (int) Math.max(0, millis);
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(millis);
        int sub = (int) (millis >>> (exponent - SUB_BITS)) & (SUBS - 1);
        return (exponent - SUB_BITS + 1) * SUBS + sub;
    }

    /** The longest time of the bucket. */
    public static long longest(int bucket) {
        return least(bucket + 1) - 1;
    }

    private static long least(int bucket) {
        if (bucket < SUBS) {
            return bucket;
        }
        int exponent = bucket / SUBS + SUB_BITS - 1;
        return (long) (SUBS + bucket % SUBS) << (exponent - SUB_BITS);
    }
}
