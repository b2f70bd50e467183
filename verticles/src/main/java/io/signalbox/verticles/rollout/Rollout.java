package io.signalbox.verticles.rollout;

import io.signalbox.codecs.Cohort;
import java.time.Instant;
import java.util.Locale;

/**
 * One version on its way to become the stable one, tried on a share of the agents. Immutable.
 *
 * @param number the channels' revision that started it
 * @param stable what the canary is compared with
 * @param share of {@link Cohort#WHOLE} agents so many are given the canary
 */
public record Rollout(
        long number,
        String stable,
        String canary,
        int share,
        State state,
        Bounds bounds,
        String by,
        String why,
        Instant startedAt,
        Instant changedAt) {
    /** More than half the agents leave too few to compare with. */
    static final int MAX_SHARE = Cohort.WHOLE / 2;

    public enum State {
        /** Its cohort is given the canary, and the two are compared. */
        RUNNING,
        /** Everybody is given the stable version; what was seen is kept. */
        PAUSED,
        PROMOTED,
        ROLLED_BACK;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }
    }

    boolean isUnderWay() {
        return state == State.RUNNING || state == State.PAUSED;
    }

    Rollout in(State next, Instant now) {
        return new Rollout(number, stable, canary, share, next, bounds, by, why, startedAt, now);
    }

    Rollout withShare(int next, Instant now) {
        return new Rollout(number, stable, canary, next, state, bounds, by, why, startedAt, now);
    }
}
