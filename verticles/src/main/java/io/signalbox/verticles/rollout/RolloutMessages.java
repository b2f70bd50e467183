package io.signalbox.verticles.rollout;

import io.signalbox.codecs.internal.ChannelMove;
import io.signalbox.codecs.internal.ChannelsView;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.FollowedVersion;
import io.signalbox.codecs.internal.RolloutBounds;
import io.signalbox.codecs.internal.RolloutEvidence;
import io.signalbox.codecs.internal.RolloutView;
import io.signalbox.codecs.internal.SequentialTest;
import io.signalbox.codecs.internal.VersionOutcomes;
import io.signalbox.codecs.proto.Skill;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the cores know, as messages, and back. */
final class RolloutMessages {
    private RolloutMessages() {}

    static FollowedChannels followed(RolloutStore.Followed followed) {
        Channels channels = followed.channels();
        FollowedChannels.Builder told = FollowedChannels.newBuilder()
                .setDefinition(channels.definition())
                .setRevision(channels.revision())
                .setStable(version(channels.stable(), followed.stableSkills()));
        channels.given()
                .ifPresent(given -> told.setCanary(version(given.canary(), followed.canarySkills()))
                        .setRollout(given.number())
                        .setShare(given.share()));
        return told.build();
    }

    private static FollowedVersion version(String version, List<Skill> skills) {
        return FollowedVersion.newBuilder()
                .setVersion(version)
                .addAllSkills(skills)
                .build();
    }

    static ChannelsView view(Channels channels) {
        ChannelsView.Builder view = ChannelsView.newBuilder()
                .setDefinition(channels.definition())
                .setRevision(channels.revision())
                .setStable(channels.stable());
        channels.rollout()
                .ifPresent(last ->
                        view.setRollout(view(channels.definition(), last).setRevision(channels.revision())));
        return view.build();
    }

    static RolloutView.Builder view(String definition, Rollout rollout) {
        return RolloutView.newBuilder()
                .setDefinition(definition)
                .setNumber(rollout.number())
                .setStable(rollout.stable())
                .setCanary(rollout.canary())
                .setShare(rollout.share())
                .setState(rollout.state().text())
                .setBounds(RolloutBounds.newBuilder()
                        .setErrorRatio(rollout.bounds().errorRatio())
                        .setLatencyRatio(rollout.bounds().latencyRatio())
                        .setLatencyQuantile(rollout.bounds().latencyQuantile())
                        .setAlpha(rollout.bounds().alpha()))
                .setBy(rollout.by())
                .setWhy(rollout.why())
                .setStartedAtMs(rollout.startedAt().toEpochMilli())
                .setChangedAtMs(rollout.changedAt().toEpochMilli());
    }

    static RolloutView view(String definition, RolloutStore.Judged judged) {
        return view(definition, judged.rollout())
                .setEvidence(evidence(judged.evidence(), judged.rollout()))
                .build();
    }

    static ChannelMove move(Move move) {
        ChannelMove.Builder told = ChannelMove.newBuilder()
                .setDefinition(move.definition())
                .setRevision(move.revision())
                .setAction(move.action())
                .setStable(move.stable())
                .setCanary(move.canary())
                .setShare(move.share())
                .setRollout(move.rollout())
                .setBy(move.by())
                .setWhy(move.why())
                .setAtMs(move.at().toEpochMilli());
        move.evidence().ifPresent(seen -> told.setEvidence(evidence(seen)));
        return told.build();
    }

    /** @param rollout whose bounds and versions are told, too */
    private static RolloutEvidence evidence(Evidence evidence, Rollout rollout) {
        RolloutEvidence.Builder told = evidence(evidence).toBuilder();
        double limit = -Math.log(rollout.bounds().alpha() / 2);
        told.getErrorsBuilder().setLogLimit(limit);
        told.getLatencyBuilder().setLogLimit(limit);
        told.getStableBuilder().setVersion(rollout.stable());
        told.getCanaryBuilder().setVersion(rollout.canary());
        return told.build();
    }

    static RolloutEvidence evidence(Evidence evidence) {
        return RolloutEvidence.newBuilder()
                .setStable(outcomes(evidence.stable()))
                .setCanary(outcomes(evidence.canary()))
                .setErrors(test(evidence.errors()))
                .setLatency(test(evidence.latency()))
                .setLatencyThresholdMs(evidence.threshold())
                .setOpenStable(outcomes(evidence.openStable()))
                .setOpenCanary(outcomes(evidence.openCanary()))
                .setStrata(evidence.strata())
                .build();
    }

    static Evidence evidence(RolloutEvidence kept) {
        return new Evidence(
                outcomes(kept.getStable()),
                outcomes(kept.getCanary()),
                outcomes(kept.getOpenStable()),
                outcomes(kept.getOpenCanary()),
                test(kept.getErrors()),
                test(kept.getLatency()),
                kept.getLatencyThresholdMs(),
                kept.getStrata());
    }

    private static VersionOutcomes outcomes(Outcomes outcomes) {
        return VersionOutcomes.newBuilder()
                .setSucceeded(outcomes.succeeded())
                .setFailed(outcomes.failed())
                .putAllLatencies(outcomes.latencies())
                .build();
    }

    static Outcomes outcomes(VersionOutcomes told) {
        Map<Integer, Long> latencies = new HashMap<>(told.getLatenciesMap());
        return new Outcomes(told.getSucceeded(), told.getFailed(), latencies);
    }

    private static SequentialTest test(OddsTest.Kept kept) {
        return SequentialTest.newBuilder()
                .addAllLogRatios(kept.logRatios())
                .setLogEvidence(kept.logEvidence())
                .setStableHits(kept.stableHits())
                .setStableTrials(kept.stableTrials())
                .setCanaryHits(kept.canaryHits())
                .setCanaryTrials(kept.canaryTrials())
                .build();
    }

    private static OddsTest.Kept test(SequentialTest kept) {
        return new OddsTest.Kept(
                kept.getLogRatiosList(),
                kept.getLogEvidence(),
                kept.getStableHits(),
                kept.getStableTrials(),
                kept.getCanaryHits(),
                kept.getCanaryTrials());
    }

    /** What is not named is as by default. */
    static Bounds bounds(RolloutBounds told) {
        return new Bounds(
                told.getErrorRatio() == 0 ? Bounds.DEFAULT.errorRatio() : told.getErrorRatio(),
                told.getLatencyRatio() == 0 ? Bounds.DEFAULT.latencyRatio() : told.getLatencyRatio(),
                told.getLatencyQuantile() == 0 ? Bounds.DEFAULT.latencyQuantile() : told.getLatencyQuantile(),
                told.getAlpha() == 0 ? Bounds.DEFAULT.alpha() : told.getAlpha());
    }
}
