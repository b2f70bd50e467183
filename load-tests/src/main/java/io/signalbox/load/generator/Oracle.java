package io.signalbox.load.generator;

import io.signalbox.load.dialect.Stamp;

/**
 * Knows which messages came: each once, and those of one sender to one receiver in the order in which they were sent. A
 * message that never comes is missing in the count. Not thread-safe.
 */
public final class Oracle {
    private static final int INITIAL = 1 << 12;

    /** Last number by sender and receiver: an open-addressing map, as there is an entry for each pair that ever talked. */
    private long[] pairs = new long[INITIAL];

    private int[] last = new int[INITIAL];
    private int size;
    private long received;
    private long duplicated;
    private long reordered;

    /** @param receiver index of the agent that got it */
    public void received(Stamp stamp, int receiver) {
        // Never 0, which marks a free place.
        long pair = (long) (stamp.from() + 1) << 32 | receiver;
        int at = find(pair);
        if (pairs[at] == 0) {
            pairs[at] = pair;
            last[at] = stamp.number();
            received++;
            if (++size * 2 > pairs.length) {
                grow();
            }
        } else if (stamp.number() == last[at]) {
            duplicated++;
        } else if (stamp.number() < last[at]) {
            // Late or a second time: which of the two does not matter, neither may happen.
            reordered++;
        } else {
            last[at] = stamp.number();
            received++;
        }
    }

    private int find(long pair) {
        long hash = pair * 0x9E3779B97F4A7C15L;
        int at = (int) (hash >>> 32) & pairs.length - 1;
        while (pairs[at] != 0 && pairs[at] != pair) {
            at = at + 1 & pairs.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] oldPairs = pairs;
        int[] oldLast = last;
        pairs = new long[oldPairs.length * 2];
        last = new int[oldPairs.length * 2];
        for (int i = 0; i < oldPairs.length; i++) {
            if (oldPairs[i] != 0) {
                int at = find(oldPairs[i]);
                pairs[at] = oldPairs[i];
                last[at] = oldLast[i];
            }
        }
    }

    /** Different messages that came in order. */
    public long received() {
        return received;
    }

    public long duplicated() {
        return duplicated;
    }

    public long reordered() {
        return reordered;
    }
}
