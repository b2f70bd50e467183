package io.signalbox.load.report;

import io.signalbox.load.generator.Latencies;
import io.signalbox.load.peer.Peers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** What the page shows, computed here so that the page only draws. */
record PageData(Results results, List<MemoryRow> memory, List<Step> steps, List<Mark> marks) {
    /** Whom others are measured against, and what that is called. */
    private static final Map<String, String> BASELINES =
            Map.of(Peers.FLOOR_NAME, "floor", Peers.NATS_NAME, "NATS", Peers.STORE_NAME, "XADD");

    /** Points of a percentile curve for each power of ten of 1/(1-p). */
    private static final int POINTS_PER_DECADE = 12;

    private static final int MOST_DECADES = 7;

    /**
     * A figure of a peer.
     *
     * @param times how many times a baseline's figure it is, by the baseline
     */
    record Figure(double median, double least, double most, Map<String, Double> times) {}

    /** KiB for each connection. */
    record MemoryRow(String peer, Figure idle, Figure loaded, Figure kernel) {}

    /**
     * All repetitions at one rate.
     *
     * @param curveAt where the rows' curves have their points: 1/(1-p) of the percentile p
     */
    record Step(int rate, double[] curveAt, List<Row> rows) {}

    /** @param curveMs latency at each point of the step, as far as there are that many messages */
    record Row(
            String peer,
            Figure delivered,
            Figure cpuMicros,
            Figure storeCpuMicros,
            Figure p50Ms,
            Figure p90Ms,
            Figure p99Ms,
            Figure p999Ms,
            Figure maxMs,
            double[] curveMs) {}

    /**
     * What makes a repetition doubtful, or shows a fault.
     *
     * @param repetition of this peer at this rate, from 1
     */
    record Mark(String peer, int rate, int repetition, String what) {}

    static PageData of(Results results) {
        List<Step> steps = results.settings().rates().stream()
                .distinct()
                .map(rate -> step(results.peers(), rate))
                .filter(step -> !step.rows().isEmpty())
                .toList();
        return new PageData(results, memory(results.peers()), steps, marks(results.peers()));
    }

    private static List<MemoryRow> memory(List<Results.PeerResult> peers) {
        return peers.stream()
                .map(peer -> new MemoryRow(
                        peer.peer(),
                        memory(peers, peer, Results.Memory::idleKib),
                        memory(peers, peer, Results.Memory::loadedKib),
                        memory(peers, peer, Results.Memory::kernelKib)))
                .toList();
    }

    private static Figure memory(
            List<Results.PeerResult> peers, Results.PeerResult of, ToDoubleFunction<Results.Memory> kib) {
        return figure(peers, of, peer -> Spread.of(List.of(peer.memory()), kib));
    }

    private static Figure figure(
            List<Results.PeerResult> peers, Results.PeerResult of, Function<Results.PeerResult, Spread> spread) {
        Spread own = spread.apply(of);
        Map<String, Double> times = new TreeMap<>();
        for (Results.PeerResult other : peers) {
            double base = spread.apply(other).median();
            if (BASELINES.containsKey(other.peer())
                    && !other.peer().equals(of.peer())
                    && base > 0
                    && own.median() > 0) {
                times.put(BASELINES.get(other.peer()), own.median() / base);
            }
        }
        return new Figure(own.median(), own.least(), own.most(), times);
    }

    private static Step step(List<Results.PeerResult> all, int rate) {
        List<Results.PeerResult> peers =
                all.stream().filter(peer -> !at(peer, rate).isEmpty()).toList();
        List<Histogram> latencies =
                peers.stream().map(peer -> latency(peer, rate)).toList();
        double[] curveAt = curveAt(
                latencies.stream().mapToLong(Histogram::getTotalCount).max().orElse(0));
        List<Row> rows = IntStream.range(0, peers.size())
                .mapToObj(i -> row(peers, peers.get(i), rate, curve(latencies.get(i), curveAt)))
                .toList();
        return new Step(rate, curveAt, rows);
    }

    private static List<Results.Repetition> at(Results.PeerResult peer, int rate) {
        return peer.repetitions().stream().filter(run -> run.rate() == rate).toList();
    }

    private static Row row(List<Results.PeerResult> peers, Results.PeerResult peer, int rate, double[] curve) {
        return new Row(
                peer.peer(),
                figure(peers, peer, rate, Results.Repetition::deliveredPerSecond),
                figure(peers, peer, rate, Results.Repetition::cpuMicros),
                figure(peers, peer, rate, Results.Repetition::storeCpuMicros),
                figure(peers, peer, rate, Results.Repetition::p50Ms),
                figure(peers, peer, rate, Results.Repetition::p90Ms),
                figure(peers, peer, rate, Results.Repetition::p99Ms),
                figure(peers, peer, rate, Results.Repetition::p999Ms),
                figure(peers, peer, rate, Results.Repetition::maxMs),
                curve);
    }

    private static Figure figure(
            List<Results.PeerResult> peers,
            Results.PeerResult of,
            int rate,
            ToDoubleFunction<Results.Repetition> value) {
        return figure(peers, of, peer -> Spread.of(at(peer, rate), value));
    }

    private static Histogram latency(Results.PeerResult peer, int rate) {
        Histogram whole = Latencies.histogram();
        at(peer, rate).forEach(run -> whole.add(Latencies.decode(run.latency())));
        return whole;
    }

    /** Up to the first point that only the last of so many messages reaches. */
    private static double[] curveAt(long messages) {
        return DoubleStream.iterate(0, i -> i <= MOST_DECADES * POINTS_PER_DECADE, i -> i + 1)
                .map(i -> Math.pow(10, i / POINTS_PER_DECADE))
                .takeWhile(at -> at < messages * Math.pow(10, 1.0 / POINTS_PER_DECADE))
                .toArray();
    }

    private static double[] curve(Histogram latency, double[] curveAt) {
        double end = latency.getTotalCount() * Math.pow(10, 1.0 / POINTS_PER_DECADE);
        return DoubleStream.of(curveAt)
                .takeWhile(at -> at < end)
                .map(at -> latency.getValueAtPercentile(100 * (1 - 1 / at)) / 1000.0)
                .toArray();
    }

    private static List<Mark> marks(List<Results.PeerResult> peers) {
        return peers.stream()
                .flatMap(peer -> peer.repetitions().stream()
                        .map(Results.Repetition::rate)
                        .distinct()
                        .flatMap(rate -> marks(peer, rate)))
                .toList();
    }

    private static Stream<Mark> marks(Results.PeerResult peer, int rate) {
        List<Results.Repetition> runs = at(peer, rate);
        return IntStream.range(0, runs.size())
                .boxed()
                .flatMap(i -> doubts(runs.get(i)).stream().map(what -> new Mark(peer.peer(), rate, i + 1, what)));
    }

    private static List<String> doubts(Results.Repetition run) {
        List<String> doubts = new ArrayList<>();
        if (run.generatorBound()) {
            doubts.add("the generator was late (p99 %.1f ms): it may be what limits, not the server"
                    .formatted(run.lateP99Ms()));
        }
        if (!run.isSound()) {
            doubts.add("%,d lost, %,d duplicated, %,d out of order"
                    .formatted(run.lost(), run.duplicated(), run.reordered()));
        }
        if (run.repeated() > 0) {
            doubts.add("%,d came again, and said so".formatted(run.repeated()));
        }
        run.refused().forEach((what, count) -> doubts.add("refused %,d times: %s".formatted(count, what)));
        return doubts;
    }
}
