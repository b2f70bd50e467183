package io.signalbox.verticles.rollout;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.rollout.Rollout.State;
import java.time.Instant;
import java.util.Optional;

/**
 * The channels of one definition: which version is the stable one, and which is tried as its canary. A pure core: a decision
 * makes the next state and the {@link Move} that is recorded with it; the store takes it only over the revision that was
 * seen, so of two decisions at once one counts. Immutable.
 *
 * @param revision grows by one with every decision; 0: nothing was decided yet, stable is the version published first
 * @param rollout the last one, under way or over
 */
public record Channels(String definition, long revision, String stable, Optional<Rollout> rollout) {
    /** What may be done with a rollout that is under way. */
    public enum Action {
        PROMOTE,
        PAUSE,
        RESUME,
        ROLLBACK
    }

    /**
     * Who decides.
     *
     * @param expected the revision that was seen
     */
    public record Decider(long expected, String by, String why) {}

    public sealed interface Outcome {
        record Changed(Channels channels, Move move) implements Outcome {}

        record Refused(Code code, String reason) implements Outcome {}
    }

    /** What the channel canary points at, paused or not. */
    Optional<String> canary() {
        return underWay().map(Rollout::canary);
    }

    Optional<Rollout> underWay() {
        return rollout.filter(Rollout::isUnderWay);
    }

    /** What its cohort is given now; empty: nobody is given a canary. */
    Optional<Rollout> given() {
        return rollout.filter(last -> last.state() == State.RUNNING);
    }

    /** Points the stable channel at a version that is there. */
    Outcome move(String version, Decider decider, Instant now) {
        if (isStale(decider)) {
            return stale(decider);
        }
        if (underWay().isPresent()) {
            return refused("rollout " + underWay().get().number() + " of " + definition + "@"
                    + underWay().get().canary() + " is under way; promote it or roll it back first");
        }
        if (version.equals(stable)) {
            return refused(definition + "@" + version + " is the stable version already");
        }
        return changed("move", version, rollout, decider, now);
    }

    /** @param version one that is there */
    Outcome start(String version, int share, Bounds bounds, Decider decider, Instant now) {
        if (isStale(decider)) {
            return stale(decider);
        }
        if (underWay().isPresent()) {
            return refused("rollout " + underWay().get().number() + " is under way");
        }
        if (version.equals(stable)) {
            return refused(definition + "@" + version + " is the stable version; there is nothing to compare it with");
        }
        if (!isShare(share)) {
            return invalidShare();
        }
        Rollout started = new Rollout(
                revision + 1, stable, version, share, State.RUNNING, bounds, decider.by(), decider.why(), now, now);
        return changed("start", stable, Optional.of(started), decider, now);
    }

    /** Gives the canary to more agents, or to fewer. */
    Outcome share(long number, int share, Decider decider, Instant now) {
        Optional<Outcome> refusal = refusal(number, decider);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        return isShare(share)
                ? changed("share", stable, rollout.map(last -> last.withShare(share, now)), decider, now)
                : invalidShare();
    }

    Outcome change(long number, Action action, Decider decider, Instant now) {
        Optional<Outcome> refusal = refusal(number, decider);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        Rollout current = rollout.orElseThrow();
        return switch (action) {
            case PROMOTE -> changed("promote", current.canary(), in(State.PROMOTED, now), decider, now);
            case ROLLBACK -> changed("rollback", stable, in(State.ROLLED_BACK, now), decider, now);
            case PAUSE ->
                current.state() == State.PAUSED
                        ? refused("rollout " + number + " is paused already")
                        : changed("pause", stable, in(State.PAUSED, now), decider, now);
            case RESUME ->
                current.state() == State.RUNNING
                        ? refused("rollout " + number + " is running already")
                        : changed("resume", stable, in(State.RUNNING, now), decider, now);
        };
    }

    private Optional<Outcome> refusal(long number, Decider decider) {
        if (rollout.map(Rollout::number).filter(last -> last == number).isEmpty()) {
            return Optional.of(
                    new Outcome.Refused(Code.CONFLICT, "rollout " + number + " is not the last one of " + definition));
        }
        if (isStale(decider)) {
            return Optional.of(stale(decider));
        }
        return underWay().isPresent()
                ? Optional.empty()
                : Optional.of(refused("rollout " + number + " is "
                        + rollout.orElseThrow().state().text().replace('_', ' ') + " already"));
    }

    private Optional<Rollout> in(State state, Instant now) {
        return rollout.map(last -> last.in(state, now));
    }

    private boolean isStale(Decider decider) {
        return decider.expected() != revision;
    }

    private Outcome stale(Decider decider) {
        return refused("the channels of " + definition + " are at revision " + revision + ", not at "
                + decider.expected() + "; look at them and decide again");
    }

    private static Outcome refused(String reason) {
        return new Outcome.Refused(Code.CONFLICT, reason);
    }

    private static boolean isShare(int share) {
        return share >= 1 && share <= Rollout.MAX_SHARE;
    }

    private static Outcome invalidShare() {
        return new Outcome.Refused(
                Code.INVALID_ARGUMENT,
                "a canary is given to more than 0 and at most half of the agents: 0.0001 to 0.5");
    }

    private Outcome changed(String action, String version, Optional<Rollout> last, Decider decider, Instant now) {
        Channels next = new Channels(definition, revision + 1, version, last);
        return new Outcome.Changed(next, Move.to(next, action, decider.by(), decider.why(), now));
    }
}
