package io.signalbox.codecs;

import java.util.UUID;
import java.util.random.RandomGenerator;

/** Time-ordered UUIDs (RFC 9562, section 5.7): 48 bits of milliseconds, then randomness. */
public final class UuidV7 {
    private UuidV7() {}

    public static UUID next(long epochMillis, RandomGenerator random) {
        return new UUID(high(epochMillis, random), low(random));
    }

    /** Upper half. */
    public static long high(long epochMillis, RandomGenerator random) {
        return epochMillis << 16 | 0x7000 | random.nextLong() & 0xfff;
    }

    /** Lower half. */
    public static long low(RandomGenerator random) {
        return random.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
    }
}
