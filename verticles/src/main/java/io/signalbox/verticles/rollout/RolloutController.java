package io.signalbox.verticles.rollout;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.ReportOutcomes;
import io.signalbox.codecs.internal.RolloutOutcomes;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.rollout.Channels.Action;
import io.signalbox.verticles.rollout.Channels.Decider;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rolls back what leaves its bounds, without hands. It works on the node that allocates, for there the outcomes are; what it
 * decides is fenced by the epoch of the tasks' shard and by the channels' revision, so that of two nodes which both believe to
 * be the one at most one decides, once. Confined to its event loop.
 */
final class RolloutController {
    private static final Logger log = LoggerFactory.getLogger(RolloutController.class);

    /** Who decided, in the history. */
    static final String SIGNALBOX = "signalbox";

    private final RolloutStore store;
    private final ChannelDecisions decisions;
    private final IntFunction<ShardFence> fences;
    private final Map<String, RolloutWatch> watches = new HashMap<>();
    private final Set<String> deciding = new HashSet<>();

    RolloutController(RolloutStore store, ChannelDecisions decisions, IntFunction<ShardFence> fences) {
        this.store = store;
        this.decisions = decisions;
        this.fences = fences;
    }

    void reported(ReportOutcomes report) {
        report.getRolloutsList().forEach(ended -> reported(ended, report.getEpoch()));
    }

    private void reported(RolloutOutcomes ended, int epoch) {
        RolloutWatch watch = watches.get(ended.getDefinition());
        if (watch == null || watch.number() < ended.getRollout() || watch.epoch() < epoch) {
            watch = new RolloutWatch(store, ended.getDefinition(), ended.getRollout(), epoch);
            watches.put(ended.getDefinition(), watch);
        }
        if (watch.number() == ended.getRollout() && watch.epoch() == epoch) {
            watch.add(ended);
            judge(watch);
        }
    }

    private void judge(RolloutWatch watch) {
        Optional<String> breach = watch.breach();
        if (breach.isEmpty() || !deciding.add(watch.definition())) {
            return;
        }
        rollBack(watch, breach.get())
                .onComplete(done -> deciding.remove(watch.definition()))
                .onSuccess(
                        done -> log.warn("Rolled back {} of {}: {}", watch.number(), watch.definition(), breach.get()))
                .onFailure(cause -> failed(watch, cause));
    }

    private Future<Channels> rollBack(RolloutWatch watch, String breach) {
        Evidence seen = watch.evidence();
        return decisions.decide(
                watch.definition(),
                (channels, now) -> channels.change(
                        watch.number(), Action.ROLLBACK, new Decider(channels.revision(), SIGNALBOX, breach), now),
                move -> move.with(seen),
                Optional.of(fences.apply(watch.epoch())));
    }

    private void failed(RolloutWatch watch, Throwable cause) {
        boolean fenced = cause instanceof StoreException refused && refused.kind() == StoreException.Kind.FENCED;
        boolean over = cause instanceof ServiceException refused && refused.code() == Code.CONFLICT;
        if (fenced || over) {
            watches.remove(watch.definition(), watch); // a new owner has its own; what comes of a rollout makes another
        }
        log.info("Rollout {} of {} is not rolled back yet: {}", watch.number(), watch.definition(), cause.toString());
    }

    /** Whether there still is somebody to watch. */
    void changed(FollowedChannels channels) {
        RolloutWatch watch = watches.get(channels.getDefinition());
        if (watch != null && watch.number() != channels.getRollout()) {
            watch.keep();
            watches.remove(channels.getDefinition());
        }
    }

    /** Call it about once a second: keeps evidence, and tries again what could not be decided. */
    void tick() {
        watches.values().forEach(watch -> {
            watch.keep();
            judge(watch);
        });
    }
}
