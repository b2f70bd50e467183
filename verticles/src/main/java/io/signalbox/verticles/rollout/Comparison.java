package io.signalbox.verticles.rollout;

import io.signalbox.codecs.LatencyBuckets;
import java.util.Locale;
import java.util.Optional;

/**
 * Compares a canary with the stable version as their assignments end: how often they fail, and how often they take longer than
 * the stable version's quantile did up to then. Each of the two tests has half of alpha. Single writer, not thread-safe.
 */
final class Comparison {
    /** So many of both, at least, make a stratum; fewer could hardly differ. */
    private static final long LEAST_TRIALS = 4;

    /** Of so few the quantile is not worth looking at. */
    private static final long LEAST_TIMED = 200;

    private final Bounds bounds;
    private final OddsTest errors;
    private final OddsTest latency;
    private Outcomes stable;
    private Outcomes canary;
    private Outcomes openStable;
    private Outcomes openCanary;
    private long threshold;
    private long strata;

    Comparison(Bounds bounds, Evidence before) {
        this.bounds = bounds;
        this.errors = new OddsTest(bounds.errorRatio(), bounds.alpha() / 2, before.errors());
        this.latency = new OddsTest(bounds.latencyRatio(), bounds.alpha() / 2, before.latency());
        this.stable = before.stable();
        this.canary = before.canary();
        this.openStable = before.openStable();
        this.openCanary = before.openCanary();
        this.threshold = before.threshold();
        this.strata = before.strata();
    }

    /** What ended since the last time. */
    void add(Outcomes ofStable, Outcomes ofCanary) {
        openStable = openStable.plus(ofStable);
        openCanary = openCanary.plus(ofCanary);
        // By counts of trials alone, so that no outcome decides when it is looked at.
        if (openStable.trials() >= LEAST_TRIALS && openCanary.trials() >= LEAST_TRIALS) {
            compare();
        }
    }

    private void compare() {
        errors.add(openStable.failed(), openStable.trials(), openCanary.failed(), openCanary.trials());
        if (stable.timed() >= LEAST_TIMED) {
            int bucket = stable.quantile(bounds.latencyQuantile());
            threshold = LatencyBuckets.longest(bucket);
            latency.add(
                    openStable.slowerThan(bucket),
                    openStable.timed(),
                    openCanary.slowerThan(bucket),
                    openCanary.timed());
        }
        stable = stable.plus(openStable);
        canary = canary.plus(openCanary);
        openStable = Outcomes.NONE;
        openCanary = Outcomes.NONE;
        strata++;
    }

    /** Why the canary is to be rolled back, in words; empty: it is within its bounds for all that was seen. */
    Optional<String> breach() {
        if (errors.isOutside()) {
            return Optional.of(words("fails", errors.kept(), bounds.errorRatio(), ""));
        }
        return latency.isOutside()
                ? Optional.of(words(
                        "is slow",
                        latency.kept(),
                        bounds.latencyRatio(),
                        ", slow being more than " + threshold + " ms"))
                : Optional.empty();
    }

    private static String words(String what, OddsTest.Kept seen, double allowed, String more) {
        return String.format(
                Locale.ROOT,
                "the canary %s in %d of %d, the stable version in %d of %d%s: more than %s times its odds",
                what,
                seen.canaryHits(),
                seen.canaryTrials(),
                seen.stableHits(),
                seen.stableTrials(),
                more,
                allowed);
    }

    Evidence evidence() {
        return new Evidence(stable, canary, openStable, openCanary, errors.kept(), latency.kept(), threshold, strata);
    }
}
