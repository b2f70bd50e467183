package io.signalbox.verticles.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.signalbox.verticles.rollout.OddsTest.Kept;
import org.junit.jupiter.api.Test;

class OddsTestTest {
    private static final double ALPHA = 0.01;

    private static OddsTest fresh(double allowed) {
        return new OddsTest(allowed, ALPHA, Kept.NONE);
    }

    @Test
    void shouldWeighAStratumByFishersDistribution() {
        OddsTest test = fresh(1);

        test.add(0, 1, 1, 1); // one hit among two trials: the canary's with chance t / (1 + t)

        double expected = 0;
        for (double times : new double[] {1.4, 2, 3, 5, 8, 15, 40, 150}) {
            expected += times / (1 + times) / 0.5 / 8;
        }
        assertThat(test.logEvidence()).isCloseTo(Math.log(expected), within(1e-12));
    }

    @Test
    void shouldFindACanaryThatAlwaysHitsWithinAFewTrials() {
        OddsTest test = fresh(1.5);

        test.add(0, 40, 4, 4);

        assertThat(test.isOutside()).isTrue();
    }

    @Test
    void shouldLearnNothingFromAStratumThatCouldNotDiffer() {
        OddsTest test = fresh(1);

        test.add(0, 100, 0, 10);
        test.add(100, 100, 10, 10);
        test.add(3, 5, 0, 0);

        assertThat(test.kept().logRatios()).containsOnly(0.0);
    }

    /** Everything fails while a store is away, and just then the canary has most of the trials. */
    @Test
    void shouldHoldNoBadTimeAgainstTheCanary() {
        OddsTest test = fresh(1);

        for (int i = 0; i < 100; i++) {
            test.add(1, 200, 0, 10);
            test.add(9, 10, 180, 200);
        }

        assertThat(test.isOutside()).isFalse();
    }

    @Test
    void shouldLetTheCanaryHaveTheAllowedOdds() {
        OddsTest strict = fresh(1);
        OddsTest lenient = fresh(3);

        for (int i = 0; i < 60; i++) {
            strict.add(5, 100, 13, 100);
            lenient.add(5, 100, 13, 100);
        }

        assertThat(strict.isOutside()).isTrue();
        assertThat(lenient.isOutside()).isFalse();
    }

    @Test
    void shouldStayOutsideWhateverComes() {
        OddsTest test = fresh(1);
        test.add(0, 40, 10, 10);

        test.add(300, 400, 0, 400);

        assertThat(test.isOutside()).isTrue();
    }

    @Test
    void shouldGoOnWhereItWasKept() {
        OddsTest whole = fresh(1);
        OddsTest first = fresh(1);
        whole.add(1, 50, 3, 20);
        first.add(1, 50, 3, 20);

        OddsTest second = new OddsTest(1, ALPHA, first.kept());
        whole.add(2, 50, 4, 20);
        second.add(2, 50, 4, 20);

        assertThat(second.kept()).isEqualTo(whole.kept());
        assertThat(second.kept().canaryHits()).isEqualTo(7);
    }

    @Test
    void shouldBeExactForManyTrialsAtOnce() {
        OddsTest test = fresh(1);

        test.add(1_500, 3_000, 1_500, 3_000);

        assertThat(test.kept().logRatios())
                .allSatisfy(ratio -> assertThat(ratio).isFinite().isNegative());
    }
}
