package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.codecs.Cohort;
import io.signalbox.codecs.internal.ChannelMove;
import io.signalbox.codecs.internal.ChannelsView;
import io.signalbox.codecs.internal.RolloutEvidence;
import io.signalbox.codecs.internal.RolloutView;
import io.signalbox.codecs.internal.SequentialTest;
import io.signalbox.codecs.internal.VersionOutcomes;

/** Channels and rollouts as the API shows them. */
final class RolloutJson {
    /** What a share of 1 is inside. */
    static final double WHOLE = Cohort.WHOLE;

    private RolloutJson() {}

    static ObjectNode channels(ChannelsView channels) {
        ObjectNode json = ApiJson.object()
                .put("definition", channels.getDefinition())
                .put("revision", channels.getRevision())
                .put("stable", channels.getStable());
        if (channels.hasRollout()) {
            RolloutView last = channels.getRollout();
            if (isUnderWay(last)) {
                json.put("canary", last.getCanary());
            }
            json.set("rollout", rollout(last));
        }
        return json;
    }

    private static boolean isUnderWay(RolloutView rollout) {
        return rollout.getState().equals("running") || rollout.getState().equals("paused");
    }

    static ObjectNode rollout(RolloutView rollout) {
        ObjectNode json = ApiJson.object()
                .put("definition", rollout.getDefinition())
                .put("number", rollout.getNumber())
                .put("state", rollout.getState())
                .put("stable", rollout.getStable())
                .put("canary", rollout.getCanary())
                .put("share", rollout.getShare() / WHOLE);
        json.putObject("bounds")
                .put("errorRatio", rollout.getBounds().getErrorRatio())
                .put("latencyRatio", rollout.getBounds().getLatencyRatio())
                .put("latencyQuantile", rollout.getBounds().getLatencyQuantile())
                .put("alpha", rollout.getBounds().getAlpha());
        json.put("by", rollout.getBy());
        ApiJson.putUnlessEmpty(json, "why", rollout.getWhy());
        return json.put("startedAt", ApiJson.time(rollout.getStartedAtMs()))
                .put("changedAt", ApiJson.time(rollout.getChangedAtMs()));
    }

    static ObjectNode evidence(RolloutView rollout) {
        ObjectNode json = ApiJson.object()
                .put("definition", rollout.getDefinition())
                .put("rollout", rollout.getNumber())
                .put("state", rollout.getState());
        json.setAll(evidence(rollout.getEvidence()));
        return json;
    }

    private static ObjectNode evidence(RolloutEvidence evidence) {
        ObjectNode json = ApiJson.object().put("strata", evidence.getStrata());
        json.set("stable", outcomes(evidence.getStable()));
        json.set("canary", outcomes(evidence.getCanary()));
        json.putObject("waiting")
                .put("stable", trials(evidence.getOpenStable()))
                .put("canary", trials(evidence.getOpenCanary()));
        json.set("errors", test(evidence.getErrors()));
        ObjectNode latency = test(evidence.getLatency());
        if (evidence.getLatencyThresholdMs() != 0) {
            latency.put("slowerThanMs", evidence.getLatencyThresholdMs());
        }
        json.set("latency", latency);
        return json;
    }

    private static long trials(VersionOutcomes outcomes) {
        return outcomes.getSucceeded() + outcomes.getFailed();
    }

    private static ObjectNode outcomes(VersionOutcomes outcomes) {
        ObjectNode json = ApiJson.object();
        ApiJson.putUnlessEmpty(json, "version", outcomes.getVersion());
        return json.put("succeeded", outcomes.getSucceeded()).put("failed", outcomes.getFailed());
    }

    private static ObjectNode test(SequentialTest test) {
        ObjectNode json = ApiJson.object();
        json.putObject("stable").put("hits", test.getStableHits()).put("trials", test.getStableTrials());
        json.putObject("canary").put("hits", test.getCanaryHits()).put("trials", test.getCanaryTrials());
        json.put("pValue", Math.exp(-test.getLogEvidence()));
        if (test.getLogLimit() != 0) {
            json.put("limit", Math.exp(-test.getLogLimit()));
        }
        return json;
    }

    static ObjectNode move(ChannelMove move) {
        ObjectNode json = ApiJson.object()
                .put("revision", move.getRevision())
                .put("action", move.getAction())
                .put("stable", move.getStable());
        ApiJson.putUnlessEmpty(json, "canary", move.getCanary());
        if (move.getShare() != 0) {
            json.put("share", move.getShare() / WHOLE);
        }
        if (move.getRollout() != 0) {
            json.put("rollout", move.getRollout());
        }
        json.put("by", move.getBy());
        ApiJson.putUnlessEmpty(json, "why", move.getWhy());
        json.put("at", ApiJson.time(move.getAtMs()));
        if (move.hasEvidence()) {
            json.set("evidence", evidence(move.getEvidence()));
        }
        return json;
    }
}
