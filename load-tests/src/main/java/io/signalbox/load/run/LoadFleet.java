package io.signalbox.load.run;

import io.signalbox.load.generator.Latencies;
import io.signalbox.load.generator.Layout;
import io.signalbox.load.generator.Order;
import io.signalbox.load.generator.Report;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** All generator processes that load one peer, as one. Not thread-safe. */
final class LoadFleet implements AutoCloseable {
    private static final Duration CONNECT_PATIENCE = Duration.ofMinutes(5);
    private static final Duration RUN_SLACK = Duration.ofSeconds(60);
    private static final long COUNTDOWN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int DRAIN_MS = 20_000;
    private static final int AT_ONCE = 256;
    private static final int CONNECTIONS_PER_SOURCE = 5_000;

    /** So seldom that it never happens. */
    private static final double SILENT = Double.MIN_VALUE;

    /** Later than this the generator, not the server, may be what limits. */
    private static final double LATE_MS = 5;

    private final Peer peer;
    private final Layout layout;
    private final List<Generator> generators = new ArrayList<>();
    private final Map<Integer, Report.Progress> progress = new ConcurrentHashMap<>();
    private final Consumer<String> live;

    /**
     * @param perProcess connections that one process may have
     * @param live gets a line of progress each second
     */
    LoadFleet(Peer peer, Layout layout, int perProcess, String processors, Path log, Consumer<String> live)
            throws IOException {
        this.peer = peer;
        this.layout = layout;
        this.live = live;
        int count = Math.ceilDiv(layout.connections(), perProcess);
        for (int i = 0; i < count; i++) {
            int number = i;
            generators.add(new Generator(processors, log, step -> show(number, step)));
        }
    }

    private void show(int generator, Report.Progress step) {
        progress.put(generator, step);
        if (generator == 0) {
            int ready =
                    progress.values().stream().mapToInt(Report.Progress::ready).sum();
            long sent =
                    progress.values().stream().mapToLong(Report.Progress::sent).sum();
            long received = progress.values().stream()
                    .mapToLong(Report.Progress::received)
                    .sum();
            live.accept("%s: %,d connected, %,d sent, %,d received, p50 %.2f ms, p99 %.2f ms"
                    .formatted(peer.name(), ready, sent, received, step.p50Ms(), step.p99Ms()));
        }
    }

    /** Signs tokens; nothing is connected yet. */
    void prepare(int reconnectSpreadMs) throws IOException, InterruptedException {
        int perGenerator = Math.ceilDiv(layout.connections(), generators.size());
        List<String> sources = IntStream.range(0, Math.ceilDiv(layout.connections(), CONNECTIONS_PER_SOURCE))
                .mapToObj(i -> "127.0.0." + (i + 2))
                .toList();
        for (int i = 0; i < generators.size(); i++) {
            int first = i * perGenerator;
            generators
                    .get(i)
                    .tell(new Order.Connect(
                            i,
                            peer.dialect(),
                            peer.tls(),
                            layout,
                            first,
                            Math.min(perGenerator, layout.connections() - first),
                            sources,
                            Math.max(1, AT_ONCE / generators.size()),
                            reconnectSpreadMs,
                            peer.key().map(Path::toString).orElse("")));
        }
        for (Generator generator : generators) {
            generator.await(Report.Prepared.class, CONNECT_PATIENCE);
        }
    }

    Results.Connecting open() throws IOException, InterruptedException {
        collect();
        for (Generator generator : generators) {
            generator.tell(new Order.Open());
        }
        return awaitConnected();
    }

    /** A pause of a generator would count as the server's latency: they collect before, and have room for all that comes. */
    private void collect() throws IOException, InterruptedException {
        for (Generator generator : generators) {
            generator.tell(new Order.Collect());
        }
        for (Generator generator : generators) {
            generator.await(Report.Collected.class, CONNECT_PATIENCE);
        }
    }

    /** Cuts all connections. */
    void shut() throws IOException, InterruptedException {
        for (Generator generator : generators) {
            generator.tell(new Order.Shut());
        }
        for (Generator generator : generators) {
            generator.await(Report.Shut.class, CONNECT_PATIENCE);
        }
    }

    /** Until all are connected, for the first time or again. */
    Results.Connecting awaitConnected() throws IOException, InterruptedException {
        int connections = 0;
        double millis = 0;
        Histogram handshakes = Latencies.histogram();
        Map<String, Integer> failures = new TreeMap<>();
        for (Generator generator : generators) {
            Report.Connected done = generator.await(Report.Connected.class, CONNECT_PATIENCE);
            connections += done.connections();
            millis = Math.max(millis, done.millis());
            handshakes.add(Latencies.decode(done.handshake()));
            done.failures().forEach((reason, count) -> failures.merge(reason, count, Integer::sum));
        }
        return new Results.Connecting(
                connections,
                millis / 1000,
                handshakes.getValueAtPercentile(50) / 1000.0,
                handshakes.getValueAtPercentile(99) / 1000.0,
                failures);
    }

    int slowConnections() {
        return layout.slowConnections();
    }

    /** Whether connections were lost since the last thing that was waited for. */
    boolean isBroken() {
        return generators.stream().anyMatch(Generator::hasUnexpected);
    }

    /** The next {@link #awaitConnected} is for connections that are lost from now on. */
    void expectLoss() throws IOException, InterruptedException {
        collect();
        generators.forEach(Generator::forget);
    }

    /** Slow readers stop reading. */
    void stall() throws IOException {
        for (Generator generator : generators) {
            generator.tell(new Order.Stall(true));
        }
    }

    /** Slow readers go on; returns what came for them in the last run, once nothing more does. */
    Report.SlowReaders goOn() throws IOException, InterruptedException {
        for (Generator generator : generators) {
            generator.tell(new Order.Stall(false));
        }
        Report.SlowReaders all = new Report.SlowReaders(0, 0, 0, 0);
        for (Generator generator : generators) {
            Report.SlowReaders part = generator.await(Report.SlowReaders.class, CONNECT_PATIENCE);
            all = new Report.SlowReaders(
                    all.sent() + part.sent(),
                    all.received() + part.received(),
                    all.duplicated() + part.duplicated(),
                    all.reordered() + part.reordered());
        }
        return all;
    }

    /** Runs traffic over all processes, and measures the server meanwhile. */
    Results.Repetition run(int run, Scenario scenario, int rate) throws IOException, InterruptedException {
        collect();
        long begin = System.nanoTime() + COUNTDOWN_NANOS;
        for (int i = 0; i < generators.size(); i++) {
            boolean silent = scenario.traffic() == Order.Traffic.FAN_OUT && i > 0;
            double share = scenario.traffic() == Order.Traffic.FAN_OUT ? rate : (double) rate / generators.size();
            generators
                    .get(i)
                    .tell(new Order.Run(
                            run,
                            scenario.traffic(),
                            silent ? SILENT : share,
                            scenario.window(),
                            scenario.payloadBytes(),
                            begin,
                            scenario.warmUpSeconds() * 1000,
                            scenario.seconds() * 1000,
                            DRAIN_MS));
        }
        long from = begin + TimeUnit.SECONDS.toNanos(scenario.warmUpSeconds());
        sleepUntil(from);
        List<Long> store = scenario.durable() ? peer.storePids() : List.of();
        ServerCost before = ServerCost.of(peer.pids());
        ServerCost storeBefore = ServerCost.of(store);
        sleepUntil(from + TimeUnit.SECONDS.toNanos(scenario.seconds()));
        long cpu = ServerCost.of(peer.pids()).cpuMicros() - before.cpuMicros();
        long storeCpu = ServerCost.of(store).cpuMicros() - storeBefore.cpuMicros();
        List<Report.Ran> parts = new ArrayList<>();
        for (Generator generator : generators) {
            parts.add(generator.await(
                    Report.Ran.class, Duration.ofMillis(DRAIN_MS).plus(RUN_SLACK)));
        }
        return repetition(run, rate, scenario, parts, cpu, storeCpu);
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos - System.nanoTime()));
    }

    private Results.Repetition repetition(
            int run, int rate, Scenario scenario, List<Report.Ran> parts, long cpuMicros, long storeCpuMicros) {
        long sent = parts.stream().mapToLong(Report.Ran::sent).sum();
        long received = parts.stream().mapToLong(Report.Ran::received).sum();
        long delivered = parts.stream().mapToLong(Report.Ran::delivered).sum();
        long expected = scenario.traffic() == Order.Traffic.FAN_OUT ? sent * layout.connections() : sent;
        Histogram latency = Latencies.histogram();
        Histogram lateness = Latencies.histogram();
        Map<String, Integer> refused = new TreeMap<>();
        for (Report.Ran part : parts) {
            latency.add(Latencies.decode(part.latency()));
            lateness.add(Latencies.decode(part.lateness()));
            part.refused().forEach((what, count) -> refused.merge(what, count, Integer::sum));
        }
        double late = lateness.getValueAtPercentile(99) / 1000.0;
        return new Results.Repetition(
                run,
                rate,
                sent,
                received,
                expected - received,
                parts.stream().mapToLong(Report.Ran::duplicated).sum(),
                parts.stream().mapToLong(Report.Ran::reordered).sum(),
                parts.stream().mapToLong(Report.Ran::repeated).sum(),
                refused,
                delivered,
                (double) delivered / scenario.seconds(),
                delivered == 0 ? 0 : (double) cpuMicros / delivered,
                delivered == 0 ? 0 : (double) storeCpuMicros / delivered,
                cpuMicros / 1e6 / scenario.seconds(),
                latency.getValueAtPercentile(50) / 1000.0,
                latency.getValueAtPercentile(90) / 1000.0,
                latency.getValueAtPercentile(99) / 1000.0,
                latency.getValueAtPercentile(99.9) / 1000.0,
                latency.getMaxValue() / 1000.0,
                late,
                late > LATE_MS,
                Latencies.encode(latency),
                merged(parts));
    }

    /** By second; of percentiles the worst of the processes, as they cannot be added. */
    private static List<Report.Second> merged(List<Report.Ran> parts) {
        int seconds =
                parts.stream().mapToInt(part -> part.seconds().size()).min().orElse(0);
        return IntStream.range(0, seconds)
                .mapToObj(at -> parts.stream()
                        .map(part -> part.seconds().get(at))
                        .reduce((one, other) -> new Report.Second(
                                at,
                                one.received() + other.received(),
                                Math.max(one.p50Ms(), other.p50Ms()),
                                Math.max(one.p99Ms(), other.p99Ms()),
                                Math.max(one.maxMs(), other.maxMs())))
                        .orElseThrow())
                .toList();
    }

    @Override
    public void close() {
        generators.forEach(Generator::close);
    }
}
