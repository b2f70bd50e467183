package io.signalbox.gateway.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/** Goes around a number of groups again and again, each once per interval. Not thread-safe; knows no clock. */
final class GroupRound {
    private final int groups;
    private final Duration step;
    private Instant nextAt;
    private int next;

    GroupRound(int groups, Duration interval, Instant now) {
        this.groups = groups;
        this.step = interval.dividedBy(groups);
        this.nextAt = now.plus(step);
    }

    /** Ask at least this often. */
    Duration step() {
        return step;
    }

    /** The group whose turn it is; empty: none's yet. */
    OptionalInt due(Instant now) {
        if (now.isBefore(nextAt)) {
            return OptionalInt.empty();
        }
        // Counted from when it was due: who asks is always a little late, and the rounds would last up to twice as
        // long.
        nextAt = nextAt.plus(step);
        int due = next;
        next = (next + 1) % groups;
        return OptionalInt.of(due);
    }
}
