package io.signalbox.verticles.rollout;

import java.util.Arrays;
import java.util.List;

/**
 * Whether the canary's odds of a hit (a failure, say) are more than so many times the stable version's: a sequential test that
 * may be looked at after every stratum and stopped at any of them.
 *
 * <p>A <em>stratum</em> is a group of trials that ended at about the same time. Given how many trials each version had in it and
 * how many hits both had together, the canary's hits have Fisher's noncentral hypergeometric distribution, in which the odds
 * ratio is all that is left: what the rate was at that time, and what share of the trials the canary had, has gone from it. So a
 * store that is away for a minute, or a share that grows, says nothing against the canary. For each of some greater ratios
 * the likelihoods are multiplied over the strata; their mean is a nonnegative supermartingale as long as the canary is
 * within its bounds, in every stratum, so by Ville's inequality it ever reaches {@code 1 / alpha} with a chance of
 * {@code alpha} at most, however often it is looked at.
 *
 * <p>This is the mixture sequential probability ratio test of H. Robbins, "Statistical methods related to the law of the iterated
 * logarithm", Ann. Math. Statist. 41 (1970), as R. Johari, P. Koomen, L. Pekelis and D. Walsh, "Always valid inference", Oper. Res.
 * 70 (2022), use it for experiments; that such products of conditional likelihood ratios stay valid is in A. Ramdas, P.
 * Grünwald, V. Vovk and G. Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statist. Sci. 38 (2023).
 * Not thread-safe.
 */
public final class OddsTest {
    /** How many times the allowed ratio: the alternatives, each as likely as the others. */
    private static final double[] TIMES = {1.4, 2, 3, 5, 8, 15, 40, 150};

    /** What is kept of it. */
    public record Kept(
            List<Double> logRatios,
            double logEvidence,
            long stableHits,
            long stableTrials,
            long canaryHits,
            long canaryTrials) {
        static final Kept NONE = new Kept(List.of(), 0, 0, 0, 0, 0);
    }

    private final double allowed;
    private final double logLimit;
    private final double[] logRatios = new double[TIMES.length];
    private double logEvidence;
    private long stableHits;
    private long stableTrials;
    private long canaryHits;
    private long canaryTrials;

    /**
     * @param allowed ratio of the odds
     * @param alpha chance of a false alarm, over all looks
     */
    OddsTest(double allowed, double alpha, Kept before) {
        this.allowed = allowed;
        this.logLimit = -Math.log(alpha);
        for (int i = 0; i < before.logRatios().size(); i++) {
            logRatios[i] = before.logRatios().get(i);
        }
        this.logEvidence = before.logEvidence();
        this.stableHits = before.stableHits();
        this.stableTrials = before.stableTrials();
        this.canaryHits = before.canaryHits();
        this.canaryTrials = before.canaryTrials();
    }

    /** A stratum. Which trials belong to it must not depend on which of them hit. */
    void add(long hitsOfStable, long trialsOfStable, long hitsOfCanary, long trialsOfCanary) {
        stableHits += hitsOfStable;
        stableTrials += trialsOfStable;
        canaryHits += hitsOfCanary;
        canaryTrials += trialsOfCanary;
        double[] logWeights = logWeights(trialsOfStable, trialsOfCanary, hitsOfStable + hitsOfCanary);
        if (logWeights.length == 1) {
            return; // it could not have come otherwise
        }
        long fewest = Math.max(0, hitsOfStable + hitsOfCanary - trialsOfStable);
        int place = (int) (hitsOfCanary - fewest);
        double ofAllowed = logLikelihood(logWeights, place, Math.log(allowed));
        for (int i = 0; i < TIMES.length; i++) {
            logRatios[i] += logLikelihood(logWeights, place, Math.log(allowed * TIMES[i])) - ofAllowed;
        }
        logEvidence = Math.max(logEvidence, logMean());
    }

    /** By how many of the hits are the canary's, from the fewest on: ways to have them, but for a common factor. */
    private static double[] logWeights(long ofStable, long ofCanary, long hits) {
        long fewest = Math.max(0, hits - ofStable);
        long most = Math.min(ofCanary, hits);
        double[] weights = new double[(int) (most - fewest) + 1];
        for (int i = 1; i < weights.length; i++) {
            double before = fewest + i - 1.0;
            weights[i] = weights[i - 1]
                    + Math.log((ofCanary - before) * (hits - before) / ((before + 1) * (ofStable - hits + before + 1)));
        }
        return weights;
    }

    private static double logLikelihood(double[] logWeights, int place, double logRatio) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < logWeights.length; i++) {
            greatest = Math.max(greatest, logWeights[i] + i * logRatio);
        }
        double sum = 0;
        for (int i = 0; i < logWeights.length; i++) {
            sum += Math.exp(logWeights[i] + i * logRatio - greatest);
        }
        return logWeights[place] + place * logRatio - greatest - Math.log(sum);
    }

    private double logMean() {
        double greatest = Double.NEGATIVE_INFINITY;
        for (double each : logRatios) {
            greatest = Math.max(greatest, each);
        }
        double sum = 0;
        for (double each : logRatios) {
            sum += Math.exp(each - greatest);
        }
        return greatest + Math.log(sum / TIMES.length);
    }

    /** Once it is, it stays so. */
    boolean isOutside() {
        return logEvidence >= logLimit;
    }

    /** Logarithm of the greatest e-value so far; one over it is the p-value that is valid at any time. */
    double logEvidence() {
        return logEvidence;
    }

    /** Where it is outside. */
    double logLimit() {
        return logLimit;
    }

    Kept kept() {
        List<Double> ratios = Arrays.stream(logRatios).boxed().toList();
        return new Kept(ratios, logEvidence, stableHits, stableTrials, canaryHits, canaryTrials);
    }
}
