package io.signalbox.load.run;

import io.signalbox.load.generator.Layout;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** Connects all peers, which stay connected all the time, and runs a scenario's course with them. Not thread-safe. */
final class ScenarioRun implements AutoCloseable {
    private final Scenario scenario;
    private final int perProcess;
    private final String processors;
    private final Path home;
    private final Consumer<String> say;
    private final Consumer<String> live;
    private final List<LoadFleet> fleets = new ArrayList<>();

    /**
     * @param perProcess connections that one process may have
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
        List<Contestant> contestants = new ArrayList<>();
        for (Peer peer : peers) {
            contestants.add(connect(peer));
        }
        Course.of(scenario, say).run(contestants);
        List<Results.PeerResult> results = new ArrayList<>();
        for (Contestant each : contestants) {
            results.add(each.result());
        }
        return results;
    }

    private Contestant connect(Peer peer) throws IOException, InterruptedException {
        peer.start();
        Layout layout = new Layout(
                peer.nodes(), scenario.agents(), agentsPerConnection(peer), scenario.fanOut(), scenario.slowEvery());
        LoadFleet fleet = new LoadFleet(peer, layout, perProcess, processors, home.resolve("generator.log"), live);
        fleets.add(fleet);
        fleet.prepare(scenario.reconnectSpreadMs());
        Jvm.settle(peer.pids());
        long heap = Jvm.liveHeap(peer.pids());
        long started = ServerCost.of(peer.pids()).residentBytes();
        long kernel = ServerCost.kernelBytes();
        Results.Connecting connecting = fleet.open();
        say.accept("%-24s %,6d connections in %.1f s, handshake p50 %.1f ms, p99 %.1f ms%s"
                .formatted(
                        peer.name(),
                        connecting.connections(),
                        connecting.seconds(),
                        connecting.handshakeP50Ms(),
                        connecting.handshakeP99Ms(),
                        connecting.failures().isEmpty() ? "" : ", failures " + connecting.failures()));
        Jvm.settle(peer.pids());
        Results.Memory idle = new Results.Memory(
                started,
                ServerCost.of(peer.pids()).residentBytes(),
                0,
                ServerCost.kernelBytes() - kernel,
                connecting.connections());
        return new Contestant(peer, fleet, connecting, idle, heap);
    }

    private int agentsPerConnection(Peer peer) {
        OptionalInt connections = peer.connections();
        return connections.isPresent()
                ? Math.ceilDiv(scenario.agents(), connections.getAsInt())
                : scenario.agentsPerConnection();
    }

    @Override
    public void close() {
        fleets.forEach(LoadFleet::close);
    }
}
