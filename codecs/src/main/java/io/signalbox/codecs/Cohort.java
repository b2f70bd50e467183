package io.signalbox.codecs;

import java.nio.charset.StandardCharsets;

/**
 * Which agents a canary is given to. A pure function of the agent and the rollout: every node gives the same answer for ever,
 * whoever else is in the fleet, and an agent that is in the cohort of a share is in that of every greater one. Agents of one
 * rollout's cohort are no likelier than others to be in the next one's.
 */
public final class Cohort {
    /** A share of this is everybody. */
    public static final int WHOLE = 10_000;

    private static final long FNV_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Cohort() {}

    /**
     * @param rollout number of the definition's rollout
     * @param share of {@value #WHOLE} agents so many are in it
     */
    public static boolean has(String agent, String definition, long rollout, int share) {
        return place(agent, definition, rollout) < share;
    }

    /** 0 to {@value #WHOLE}, the end excluded. */
    static int place(String agent, String definition, long rollout) {
        long hash = fnv(fnv(FNV_BASIS, definition) ^ mixed(rollout), agent);
        return (int) Long.remainderUnsigned(mixed(hash), WHOLE);
    }

    /** FNV-1a. */
    private static long fnv(long basis, String text) {
        long hash = basis;
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (each & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    /** The finalizer of MurmurHash3: FNV alone leaves the ends of similar names similar. */
    private static long mixed(long value) {
        long mixed = value;
        mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
