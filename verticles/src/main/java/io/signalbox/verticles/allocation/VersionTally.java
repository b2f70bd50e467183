package io.signalbox.verticles.allocation;

import io.signalbox.codecs.LatencyBuckets;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.ReportOutcomes;
import io.signalbox.codecs.internal.RolloutOutcomes;
import io.signalbox.codecs.internal.VersionOutcomes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Counts how assignments end, by the version that they are pinned to, of definitions that have a canary. What was assigned
 * before its rollout began, by an owner of the tasks before this one, or to an agent that chose its version itself, does not count.
 * Not thread-safe.
 */
final class VersionTally {
    private record Started(String definition, long rollout, boolean canary, Instant at) {}

    private static final class Counts {
        private final VersionOutcomes.Builder outcomes = VersionOutcomes.newBuilder();
        private final Map<Integer, Long> latencies = new TreeMap<>();

        VersionOutcomes told() {
            return outcomes.putAllLatencies(latencies).build();
        }
    }

    private static final class Ended {
        final long rollout;
        final Counts stable = new Counts();
        final Counts canary = new Counts();

        Ended(long rollout) {
            this.rollout = rollout;
        }
    }

    private final Followers followers;

    /** At most one for each open task. */
    private final Map<UUID, Started> started = new HashMap<>();

    /** By definition. */
    private final Map<String, Ended> ended = new HashMap<>();

    VersionTally(Followers followers) {
        this.followers = followers;
    }

    /** The agent is about to be told. */
    void assigned(UUID task, AgentDefinition definition, Instant now) {
        started.remove(task);
        if (definition.isDrawn()) {
            followers.rolloutOf(definition.name()).ifPresent(rollout -> start(task, definition, rollout, now));
        }
    }

    private void start(UUID task, AgentDefinition definition, FollowedChannels rollout, Instant now) {
        boolean canary = definition.version().equals(rollout.getCanary().getVersion());
        if (canary || definition.version().equals(rollout.getStable().getVersion())) {
            started.put(task, new Started(definition.name(), rollout.getRollout(), canary, now));
        }
    }

    void succeeded(UUID task, Instant now) {
        end(task, (counts, begin) -> {
            counts.outcomes.setSucceeded(counts.outcomes.getSucceeded() + 1);
            int bucket = LatencyBuckets.of(Duration.between(begin, now).toMillis());
            counts.latencies.merge(bucket, 1L, Long::sum);
        });
    }

    /** By the agent's word, or without one: it is gone, or did not renew its lease. */
    void failed(UUID task) {
        end(task, (counts, begin) -> counts.outcomes.setFailed(counts.outcomes.getFailed() + 1));
    }

    /** It says nothing about the version: it was declined, or cancelled. */
    void forget(UUID task) {
        started.remove(task);
    }

    private interface Count {
        void add(Counts counts, Instant begin);
    }

    private void end(UUID task, Count count) {
        Started begun = started.remove(task);
        if (begun == null
                || followers.rolloutOf(begun.definition()).map(FollowedChannels::getRollout).stream()
                        .noneMatch(current -> current == begun.rollout())) {
            return;
        }
        Ended sum = ended.get(begun.definition());
        if (sum == null || sum.rollout != begun.rollout()) {
            sum = new Ended(begun.rollout());
            ended.put(begun.definition(), sum);
        }
        count.add(begun.canary() ? sum.canary : sum.stable, begun.at());
    }

    /** What ended since the last time; empty: nothing. */
    Optional<ReportOutcomes> drain(int epoch) {
        if (ended.isEmpty()) {
            return Optional.empty();
        }
        ReportOutcomes.Builder report = ReportOutcomes.newBuilder().setEpoch(epoch);
        ended.forEach((definition, sum) -> report.addRollouts(RolloutOutcomes.newBuilder()
                .setDefinition(definition)
                .setRollout(sum.rollout)
                .setStable(sum.stable.told())
                .setCanary(sum.canary.told())));
        ended.clear();
        return Optional.of(report.build());
    }
}
