package io.signalbox.load.run;

import io.signalbox.load.peer.Peer;
import io.signalbox.load.report.Findings;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A peer with its load, and what was found of it so far. Not thread-safe. */
final class Contestant {
    private final Peer peer;
    private final LoadFleet fleet;
    private final Results.Connecting connecting;
    private final Results.Memory idle;
    private final long startedHeap;
    private final List<Results.Repetition> repetitions = new ArrayList<>();
    private final List<Findings.Connects> connects = new ArrayList<>();
    private final List<Findings.SlowPhase> slowPhases = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private long liveHeap;
    private int capacity;

    /**
     * @param idle memory after the first connecting
     * @param startedHeap live heap of the server before it
     */
    Contestant(Peer peer, LoadFleet fleet, Results.Connecting connecting, Results.Memory idle, long startedHeap) {
        this.peer = peer;
        this.fleet = fleet;
        this.connecting = connecting;
        this.idle = idle;
        this.startedHeap = startedHeap;
    }

    Peer peer() {
        return peer;
    }

    LoadFleet fleet() {
        return fleet;
    }

    Results.Connecting connecting() {
        return connecting;
    }

    Results.Memory idle() {
        return idle;
    }

    long startedHeap() {
        return startedHeap;
    }

    /** With its faults; only of what is tested are they faults. */
    void add(Results.Repetition repetition) {
        repetitions.add(repetition);
        if (!repetition.isSound()) {
            fault("run %d at %,d/s: %,d lost, %,d duplicated, %,d out of order"
                    .formatted(
                            repetition.run(),
                            repetition.rate(),
                            repetition.lost(),
                            repetition.duplicated(),
                            repetition.reordered()));
        }
    }

    /** Of a run that may lose messages, as it is meant to be too much. */
    void addOverload(Results.Repetition repetition) {
        repetitions.add(repetition);
        if (repetition.duplicated() + repetition.reordered() > 0) {
            fault("run %d at %,d/s: %,d duplicated, %,d out of order"
                    .formatted(repetition.run(), repetition.rate(), repetition.duplicated(), repetition.reordered()));
        }
    }

    void add(Findings.Connects time) {
        connects.add(time);
    }

    void add(Findings.SlowPhase phase) {
        slowPhases.add(phase);
    }

    /** Of all phases up to now. */
    long unattributed() {
        return slowPhases.stream().mapToLong(Findings.SlowPhase::unattributed).sum();
    }

    List<Findings.Connects> connects() {
        return List.copyOf(connects);
    }

    void liveHeap(long bytes) {
        liveHeap = bytes;
    }

    void capacity(int rate) {
        capacity = rate;
    }

    void fault(String what) {
        if (peer.isSubject()) {
            faults.add(what);
        }
    }

    Results.PeerResult result() throws IOException, InterruptedException {
        Jvm.settle(peer.pids());
        return new Results.PeerResult(
                peer.name(),
                connecting,
                new Results.Memory(
                        idle.started(),
                        idle.connected(),
                        ServerCost.of(peer.pids()).residentBytes(),
                        idle.kernel(),
                        idle.connections()),
                repetitions,
                new Findings(connects, slowPhases, liveHeap, capacity, faults));
    }
}
