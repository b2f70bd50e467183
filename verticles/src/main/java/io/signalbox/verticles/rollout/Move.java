package io.signalbox.verticles.rollout;

import java.time.Instant;
import java.util.Optional;

/**
 * A decision about a definition's channels, as it is kept.
 *
 * @param revision that it made
 * @param action move, start, share, pause, resume, promote, rollback
 * @param stable after it; likewise the others
 * @param share 0: no canary
 * @param rollout 0: it was about none
 * @param evidence of an automatic decision
 */
public record Move(
        String definition,
        long revision,
        String action,
        String stable,
        String canary,
        int share,
        long rollout,
        String by,
        String why,
        Instant at,
        Optional<Evidence> evidence) {
    static Move to(Channels next, String action, String by, String why, Instant at) {
        return new Move(
                next.definition(),
                next.revision(),
                action,
                next.stable(),
                next.canary().orElse(""),
                next.underWay().map(Rollout::share).orElse(0),
                action.equals("move") ? 0 : next.rollout().map(Rollout::number).orElse(0L),
                by,
                why,
                at,
                Optional.empty());
    }

    Move with(Evidence seen) {
        return new Move(definition, revision, action, stable, canary, share, rollout, by, why, at, Optional.of(seen));
    }
}
