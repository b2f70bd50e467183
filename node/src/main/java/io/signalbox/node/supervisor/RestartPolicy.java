package io.signalbox.node.supervisor;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Decides whether and when a node that ended is started again. Knows no clock. Not thread-safe. */
final class RestartPolicy {
    /** A node that never got ready will not do so for being started more often. */
    private static final int TRIALS = 3;

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

    private boolean wasReady;
    private int endsInARow;
    private int ends;

    /** @param ends how often the node has ended so far */
    sealed interface Decision {
        int ends();

        record StartAgain(int ends, Duration after) implements Decision {}

        /** It ended each time before it was ready. */
        record GiveUp(int ends) implements Decision {}
    }

    void ready() {
        wasReady = true;
        endsInARow = 0;
    }

    /** @param random spreads the starts of nodes that ended together over half of the time */
    Decision ended(RandomGenerator random) {
        ends++;
        endsInARow++;
        if (!wasReady && endsInARow == TRIALS) {
            return new Decision.GiveUp(ends);
        }
        long most = Math.min(LONGEST_BACKOFF.toMillis(), FIRST_BACKOFF.toMillis() << Math.min(endsInARow - 1, 10));
        return new Decision.StartAgain(ends, Duration.ofMillis(random.nextLong(most / 2, most + 1)));
    }
}
