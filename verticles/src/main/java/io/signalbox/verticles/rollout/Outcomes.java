package io.signalbox.verticles.rollout;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Ended assignments of one version. Immutable.
 *
 * @param latencies of those that succeeded: how many by bucket
 */
public record Outcomes(long succeeded, long failed, Map<Integer, Long> latencies) {
    static final Outcomes NONE = new Outcomes(0, 0, Map.of());

    public Outcomes {
        latencies = Map.copyOf(latencies);
    }

    long trials() {
        return succeeded + failed;
    }

    Outcomes plus(Outcomes more) {
        Map<Integer, Long> sum = new TreeMap<>(latencies);
        more.latencies.forEach((bucket, count) -> sum.merge(bucket, count, Long::sum));
        return new Outcomes(succeeded + more.succeeded, failed + more.failed, sum);
    }

    /** How many took longer than the bucket. */
    long slowerThan(int bucket) {
        return latencies.entrySet().stream()
                .filter(each -> each.getKey() > bucket)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Those with a latency. */
    long timed() {
        return slowerThan(-1);
    }

    /** The bucket up to which there is at least the share of them. */
    int quantile(double share) {
        SortedMap<Integer, Long> sorted = new TreeMap<>(latencies);
        double left = timed() * share;
        for (Map.Entry<Integer, Long> each : sorted.entrySet()) {
            left -= each.getValue();
            if (left <= 0) {
                return each.getKey();
            }
        }
        return sorted.isEmpty() ? 0 : sorted.lastKey();
    }
}
