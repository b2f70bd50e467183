package io.signalbox.verticles.rollout;

import io.signalbox.codecs.internal.RolloutOutcomes;
import io.signalbox.verticles.rollout.RolloutStore.Judged;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rollout as seen by the node that allocates: goes on with the evidence that is kept, adds what ends, and keeps it. What
 * ended in the second before a node died is missing in the evidence, of both versions alike. Confined to its event loop.
 */
final class RolloutWatch {
    private static final Logger log = LoggerFactory.getLogger(RolloutWatch.class);

    private final RolloutStore store;
    private final String definition;
    private final long number;
    private final int epoch;
    private Optional<Comparison> comparison = Optional.empty();
    private Outcomes waitingStable = Outcomes.NONE;
    private Outcomes waitingCanary = Outcomes.NONE;
    private boolean loading;
    private boolean keeping;
    private boolean changed;

    /** @param epoch of the tasks' shard: a later owner's evidence is not overwritten */
    RolloutWatch(RolloutStore store, String definition, long number, int epoch) {
        this.store = store;
        this.definition = definition;
        this.number = number;
        this.epoch = epoch;
    }

    String definition() {
        return definition;
    }

    long number() {
        return number;
    }

    int epoch() {
        return epoch;
    }

    void add(RolloutOutcomes ended) {
        waitingStable = waitingStable.plus(RolloutMessages.outcomes(ended.getStable()));
        waitingCanary = waitingCanary.plus(RolloutMessages.outcomes(ended.getCanary()));
        compare();
    }

    private void compare() {
        if (comparison.isEmpty()) {
            load();
            return;
        }
        comparison.get().add(waitingStable, waitingCanary);
        waitingStable = Outcomes.NONE;
        waitingCanary = Outcomes.NONE;
        changed = true;
    }

    private void load() {
        if (loading) {
            return;
        }
        loading = true;
        store.rollouts(definition, number + 1, 1)
                .onComplete(done -> loading = false)
                .onSuccess(found -> found.stream()
                        .filter(judged -> judged.rollout().number() == number)
                        .filter(judged -> judged.rollout().isUnderWay())
                        .forEach(this::begin))
                .onFailure(cause -> log.debug("Rollout {} of {} cannot be read now", number, definition, cause));
    }

    private void begin(Judged judged) {
        comparison = Optional.of(new Comparison(judged.rollout().bounds(), judged.evidence()));
        compare();
    }

    /** Why the canary is to be rolled back; empty: it is not. */
    Optional<String> breach() {
        return comparison.flatMap(Comparison::breach);
    }

    Evidence evidence() {
        return comparison.map(Comparison::evidence).orElse(Evidence.NONE);
    }

    /** Keeps what has come since the last time. */
    void keep() {
        if (!changed || keeping) {
            return;
        }
        changed = false;
        keeping = true;
        store.keep(definition, number, epoch, evidence())
                .onComplete(done -> keeping = false)
                .onFailure(cause -> {
                    changed = true;
                    log.debug("Evidence of rollout {} of {} cannot be kept now", number, definition, cause);
                });
    }
}
