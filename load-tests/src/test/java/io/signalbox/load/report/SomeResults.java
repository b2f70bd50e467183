package io.signalbox.load.report;

import io.signalbox.load.generator.Latencies;
import io.signalbox.load.generator.Report;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Results for tests: as much as a test cares about, the rest made up. */
public final class SomeResults {
    private SomeResults() {}

    /** @param millis latency of each message */
    public static Results.Repetition repetition(int rate, double cpuMicros, double... millis) {
        Histogram latency = Latencies.histogram();
        Arrays.stream(millis).forEach(each -> latency.recordValue(Math.round(each * 1000)));
        return new Results.Repetition(
                1,
                rate,
                millis.length,
                millis.length,
                0,
                0,
                0,
                0,
                Map.of(),
                millis.length,
                rate,
                cpuMicros,
                0,
                0.5,
                latency.getValueAtPercentile(50) / 1000.0,
                latency.getValueAtPercentile(90) / 1000.0,
                latency.getValueAtPercentile(99) / 1000.0,
                latency.getValueAtPercentile(99.9) / 1000.0,
                latency.getMaxValue() / 1000.0,
                0.1,
                false,
                Latencies.encode(latency),
                List.of(new Report.Second(0, millis.length, 1, 2, 3)));
    }

    /** The same with faults. */
    public static Results.Repetition faulty(
            Results.Repetition good,
            boolean late,
            long lost,
            long duplicated,
            long reordered,
            Map<String, Integer> refused) {
        return new Results.Repetition(
                good.run(),
                good.rate(),
                good.sent(),
                good.received() - lost,
                lost,
                duplicated,
                reordered,
                good.repeated(),
                refused,
                good.delivered(),
                good.deliveredPerSecond(),
                good.cpuMicros(),
                good.storeCpuMicros(),
                good.cores(),
                good.p50Ms(),
                good.p90Ms(),
                good.p99Ms(),
                good.p999Ms(),
                good.maxMs(),
                late ? 7.25 : 0,
                late,
                good.latency(),
                good.seconds());
    }

    /** With 10 connections that take {@code idleKib} each, twice that after the load, and 3 of the kernel. */
    public static Results.PeerResult peer(String name, int idleKib, Results.Repetition... repetitions) {
        long start = 5_000_000;
        return new Results.PeerResult(
                name,
                new Results.Connecting(10, 0.5, 1, 2, Map.of("reset", 3)),
                new Results.Memory(start, start + idleKib * 10_240L, start + idleKib * 20_480L, 3 * 10_240L, 10),
                List.of(repetitions));
    }

    public static Results results(Results.PeerResult... peers) {
        List<Integer> rates = Arrays.stream(peers)
                .flatMap(peer -> peer.repetitions().stream())
                .map(Results.Repetition::rate)
                .distinct()
                .toList();
        return new Results(
                "pairs",
                "./signalbox load pairs --set a=</script>",
                "2026-01-02T03:04:05Z",
                "Linux, 2 cores",
                new Results.Settings(10, 10, 1, 256, rates, 1, 1, 2, false, Map.of("gateway.loops", "2")),
                List.of("mosquitto is not installed"),
                List.of(peers));
    }

    /** 1 to {@code count} milliseconds. */
    public static double[] upTo(int count) {
        return IntStream.rangeClosed(1, count).asDoubleStream().toArray();
    }
}
