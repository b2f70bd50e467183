package io.signalbox.load.run;

import io.signalbox.load.generator.Layout;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs a scenario against all peers. They stay connected all the time and take turns, so that what else happens on the
 * machine hits them alike. Not thread-safe.
 */
final class ScenarioRun implements AutoCloseable {
    /** From the last handshake to the reading of memory. */
    private static final Duration SETTLE = Duration.ofSeconds(3);

    private final Scenario scenario;
    private final int perProcess;
    private final String processors;
    private final Path home;
    private final Consumer<String> say;
    private final Consumer<String> live;
    private final List<Contestant> contestants = new ArrayList<>();
    private int runs;

    /** A peer with its load. */
    private record Contestant(
            Peer peer,
            LoadFleet fleet,
            Results.Connecting connecting,
            MemoryBefore before,
            List<Results.Repetition> done) {}

    private record MemoryBefore(long started, long connected, long kernel) {}

    /**
     * @param processors that the generator may use; empty: all
     * @param say gets lines to keep
     * @param live gets lines of progress
     */
    ScenarioRun(
            Scenario scenario,
            int perProcess,
            String processors,
            Path home,
            Consumer<String> say,
            Consumer<String> live) {
        this.scenario = scenario;
        this.perProcess = perProcess;
        this.processors = processors;
        this.home = home;
        this.say = say;
        this.live = live;
    }

    List<Results.PeerResult> run(List<Peer> peers) throws IOException, InterruptedException {
        for (Peer peer : peers) {
            contestants.add(connect(peer));
        }
        if (scenario.sends()) {
            for (int rate : scenario.rates()) {
                for (int repetition = 0; repetition < scenario.repetitions(); repetition++) {
                    takeTurns(rate);
                }
            }
        }
        List<Results.PeerResult> results = new ArrayList<>();
        for (Contestant each : contestants) {
            results.add(result(each));
        }
        return results;
    }

    private Contestant connect(Peer peer) throws IOException, InterruptedException {
        peer.start();
        settle(peer);
        long started = ServerCost.of(peer.pids()).residentBytes();
        long kernel = ServerCost.kernelBytes();
        Layout layout = new Layout(peer.nodes(), scenario.agents(), scenario.agentsPerConnection(), scenario.fanOut());
        LoadFleet fleet = new LoadFleet(peer, layout, perProcess, processors, home.resolve("generator.log"), live);
        Results.Connecting connecting = fleet.connect(0);
        say.accept("%-24s %,6d connections in %.1f s, handshake p50 %.1f ms, p99 %.1f ms%s"
                .formatted(
                        peer.name(),
                        connecting.connections(),
                        connecting.seconds(),
                        connecting.handshakeP50Ms(),
                        connecting.handshakeP99Ms(),
                        connecting.failures().isEmpty() ? "" : ", failures " + connecting.failures()));
        settle(peer);
        return new Contestant(
                peer,
                fleet,
                connecting,
                new MemoryBefore(
                        started, ServerCost.of(peer.pids()).residentBytes(), ServerCost.kernelBytes() - kernel),
                new ArrayList<>());
    }

    /** Garbage away, and then a while: a JVM gives memory back to the system bit by bit. */
    private static void settle(Peer peer) throws IOException, InterruptedException {
        Thread.sleep(SETTLE);
        Jvm.collect(peer.pids());
        Thread.sleep(SETTLE);
    }

    private void takeTurns(int rate) throws IOException, InterruptedException {
        for (Contestant each : contestants) {
            Results.Repetition done = each.fleet().run(++runs & 0x7f, scenario, rate);
            each.done().add(done);
            say.accept(
                    "%-24s %,7d/s  %6.1f us cpu  %.2f cores  p50 %6.2f  p99 %7.2f  p99.9 %7.2f  max %7.1f ms  late p99 %5.2f%s%s"
                            .formatted(
                                    each.peer().name(),
                                    Math.round(done.deliveredPerSecond()),
                                    done.cpuMicros(),
                                    done.cores(),
                                    done.p50Ms(),
                                    done.p99Ms(),
                                    done.p999Ms(),
                                    done.maxMs(),
                                    done.lateP99Ms(),
                                    done.generatorBound() ? " GENERATOR LATE" : "",
                                    faults(done)));
        }
    }

    private static String faults(Results.Repetition done) {
        String faults = done.isSound()
                ? ""
                : " LOST %d DUPLICATED %d REORDERED %d".formatted(done.lost(), done.duplicated(), done.reordered());
        return done.refused().isEmpty() ? faults : faults + " refused " + done.refused();
    }

    private static Results.PeerResult result(Contestant each) throws IOException, InterruptedException {
        settle(each.peer());
        long loaded = ServerCost.of(each.peer().pids()).residentBytes();
        MemoryBefore before = each.before();
        return new Results.PeerResult(
                each.peer().name(),
                each.connecting(),
                new Results.Memory(
                        before.started(),
                        before.connected(),
                        loaded,
                        before.kernel(),
                        each.connecting().connections()),
                each.done());
    }

    @Override
    public void close() {
        contestants.forEach(each -> each.fleet().close());
    }
}
