package io.signalbox.verticles.rollout;

import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.postgres.ShardFence;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Channels, rollouts and the history of both. Thread-safe. A failed future carries a {@code StoreException}. */
public interface RolloutStore {
    /**
     * The channels of a definition and what they give.
     *
     * @param stableSkills of the version that stable points at
     * @param canarySkills of the last rollout's canary; empty: there was none
     */
    record Followed(Channels channels, List<Skill> stableSkills, List<Skill> canarySkills) {
        public Followed {
            stableSkills = List.copyOf(stableSkills);
            canarySkills = List.copyOf(canarySkills);
        }
    }

    /** @param at when they were read, by the store's clock */
    record Changes(List<Followed> channels, Instant at) {}

    record Judged(Rollout rollout, Evidence evidence) {}

    /** Empty: there is no such definition. */
    Future<Optional<Followed>> find(String definition);

    /** What was decided after the time, some of it perhaps a little before. */
    Future<Changes> changedAfter(Instant time);

    /** Whether the version was published. */
    Future<Boolean> isPublished(String definition, String version);

    /**
     * Takes a decision, with its move, if the revision before it is the last one. All of it or nothing.
     *
     * @param fence what has to hold; empty: nothing
     * @return false: another decision was taken, and this one not
     */
    Future<Boolean> take(Channels next, Move move, Optional<ShardFence> fence);

    /** Replaces a rollout's evidence while it is under way, unless that of a greater epoch is there. */
    Future<Void> keep(String definition, long rollout, int epoch, Evidence evidence);

    /** The newest first, with numbers below the given one. */
    Future<List<Judged>> rollouts(String definition, long below, int limit);

    /** The newest first, with revisions below the given one. */
    Future<List<Move>> moves(String definition, long below, int limit);
}
