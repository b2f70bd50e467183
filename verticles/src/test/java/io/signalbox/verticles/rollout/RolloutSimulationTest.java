package io.signalbox.verticles.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.LatencyBuckets;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of rollouts, each looked at after every batch of outcomes. */
@Timeout(120)
class RolloutSimulationTest {
    private static final int SEEDS = 10_000;
    private static final double ALPHA = 0.05;
    private static final Bounds BOUNDS = new Bounds(1, 1, 0.9, ALPHA);

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** How a version's assignments end. */
    private record Behaviour(double failures, double slowness) {
        Outcomes outcomes(int trials, RandomGenerator random) {
            long failed = 0;
            Map<Integer, Long> latencies = new HashMap<>();
            for (int i = 0; i < trials; i++) {
                if (random.nextDouble() < failures) {
                    failed++;
                } else {
                    long millis = (long) (20 * slowness * Math.exp(random.nextGaussian()));
                    latencies.merge(LatencyBuckets.of(millis), 1L, Long::sum);
                }
            }
            return new Outcomes(trials - failed, failed, latencies);
        }

        Behaviour times(double failing, double slow) {
            return new Behaviour(Math.min(1, failures * failing), slowness * slow);
        }
    }

    /** The canary is as good as the stable version, while both get better and worse and the share changes. */
    private static boolean isRolledBackWithoutReason(long seed) {
        RandomGenerator random = random(seed);
        Comparison comparison = new Comparison(BOUNDS, Evidence.NONE);
        Behaviour both = new Behaviour(random.nextDouble() * 0.3, 1);
        double share = 0.02 + random.nextDouble() * 0.1;
        for (int look = 0; look < 40; look++) {
            if (random.nextInt(10) == 0) {
                both = new Behaviour(random.nextDouble(), 0.5 + random.nextDouble() * 4);
            }
            if (random.nextInt(20) == 0) {
                share = Math.min(0.5, share * 3);
            }
            int trials = 10 + random.nextInt(40);
            int ofCanary = (int) Math.round(trials * share);
            comparison.add(both.outcomes(trials - ofCanary, random), both.outcomes(ofCanary, random));
            if (comparison.breach().isPresent()) {
                return true;
            }
            if (random.nextInt(30) == 0) { // another node goes on with what was kept
                comparison = new Comparison(BOUNDS, comparison.evidence());
            }
        }
        return false;
    }

    @Test
    void shouldRollBackAnEqualCanaryNoOftenerThanAlphaHoweverOftenItLooks() {
        int rolledBack = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            rolledBack += isRolledBackWithoutReason(seed) ? 1 : 0;
        }

        // Alpha is a bound, and not one that is far away: a test that never rolls back would be seen here, too.
        assertThat(rolledBack).isLessThan((int) (SEEDS * ALPHA)).isPositive();
    }

    /** The trials of the canary until it is caught; -1: not within its 600. */
    private static int trialsUntilCaught(long seed, double failing, double slow) {
        RandomGenerator random = random(seed);
        Comparison comparison = new Comparison(Bounds.DEFAULT, Evidence.NONE);
        Behaviour stable = new Behaviour(0.01 + random.nextDouble() * 0.05, 1);
        Behaviour canary = stable.times(failing, slow);
        int trials = 0;
        while (trials < 600) {
            int more = 1 + random.nextInt(10);
            trials += more;
            comparison.add(stable.outcomes(more * 9, random), canary.outcomes(more, random));
            if (comparison.breach().isPresent()) {
                return trials;
            }
        }
        return -1;
    }

    private static void shouldCatch(double failing, double slow, int meanTrials) {
        long trials = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            int needed = trialsUntilCaught(seed, failing, slow);
            assertThat(needed).as("seed %d", seed).isPositive();
            trials += needed;
        }

        assertThat(trials / (double) SEEDS).isLessThan(meanTrials);
    }

    @Test
    void shouldCatchEveryCanaryThatFailsTenTimesAsOften() {
        shouldCatch(10, 1, 100);
    }

    @Test
    void shouldCatchEveryCanaryThatIsThreeTimesAsSlow() {
        shouldCatch(1, 3, 130);
    }
}
