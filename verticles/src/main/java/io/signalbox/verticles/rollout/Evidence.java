package io.signalbox.verticles.rollout;

/**
 * What a rollout was judged by so far, and all that a {@link Comparison} needs to go on. Immutable.
 *
 * @param stable outcomes that were compared
 * @param openStable those that wait for enough others to be compared with
 * @param threshold milliseconds: who takes longer counts as slow; 0: not known yet
 * @param strata groups that were compared
 */
public record Evidence(
        Outcomes stable,
        Outcomes canary,
        Outcomes openStable,
        Outcomes openCanary,
        OddsTest.Kept errors,
        OddsTest.Kept latency,
        long threshold,
        long strata) {
    static final Evidence NONE = new Evidence(
            Outcomes.NONE, Outcomes.NONE, Outcomes.NONE, Outcomes.NONE, OddsTest.Kept.NONE, OddsTest.Kept.NONE, 0, 0);
}
