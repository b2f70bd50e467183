package io.signalbox.load.run;

import io.signalbox.load.generator.Report;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.report.Findings;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The same traffic four times: all read, the slow readers stop, they stop for long, all read again. Nobody else may lose
 * anything, and what the slow readers do not get must be counted: to the message as long as none of them is closed, and after
 * closes but for what went with the connection.
 */
record SlowReadersCourse(Scenario scenario, Turns turns, Consumer<String> say) implements Course {
    private static final int LONG = 3;
    private static final String DROPPED = "signalbox_bus_outbound_dropped_total";
    private static final String UNROUTED = "signalbox_bus_unrouted_total";
    private static final String CLOSED = "signalbox_gateway_closed_total";

    @Override
    public void run(List<Contestant> contestants) throws IOException, InterruptedException {
        for (Contestant each : contestants) {
            int slow = each.fleet().slowConnections();
            say.accept("%-24s %,d of %,d connections are slow readers; 20 %% of all messages are for them, 16 KiB each"
                    .formatted(each.peer().name(), slow, scenario.connections()));
        }
        for (int rate : scenario.rates()) {
            for (int repetition = 0; repetition < scenario.repetitions(); repetition++) {
                for (Contestant each : contestants) {
                    Findings.SlowPhase before = phase(each, "all read", scenario, rate, false);
                    Findings.SlowPhase stopped = phase(each, "slow readers stop", scenario, rate, true);
                    Findings.SlowPhase closed = phase(each, "they stop for long", lasting(), rate, true);
                    Findings.SlowPhase after = phase(each, "all read again", scenario, rate, false);
                    compare(each, List.of(before, stopped, closed, after));
                }
            }
        }
    }

    /** Long enough for the node to close those that do not read. */
    private Scenario lasting() {
        return scenario.lasting(LONG * scenario.seconds());
    }

    private Findings.SlowPhase phase(Contestant contestant, String name, Scenario traffic, int rate, boolean stalled)
            throws IOException, InterruptedException {
        say.accept("");
        say.accept("%s, %d s".formatted(name, traffic.seconds()));
        Metrics before = metrics(contestant.peer());
        if (stalled) {
            contestant.fleet().stall();
        }
        Results.Repetition others = turns.run(contestant, traffic, rate);
        contestant.add(others);
        long heap = Jvm.liveHeap(contestant.peer().pids());
        long resident = ServerCost.of(contestant.peer().pids()).residentBytes();
        Report.SlowReaders slow = contestant.fleet().goOn();
        Metrics after = metrics(contestant.peer());
        Map<String, Long> dropped = new TreeMap<>(after.growth(before, DROPPED));
        after.growth(before, UNROUTED).values().forEach(count -> dropped.put("agent away", count));
        Findings.SlowPhase phase = new Findings.SlowPhase(
                name,
                slow.sent(),
                slow.received(),
                dropped,
                after.growth(before, CLOSED),
                slow.sent() - slow.received() - sum(dropped),
                others.p99Ms(),
                others.lost(),
                resident,
                heap);
        say(contestant, phase);
        check(contestant, slow, phase);
        return phase;
    }

    private static Metrics metrics(Peer peer) throws IOException, InterruptedException {
        return Metrics.of(peer.metrics(), peer.certificate());
    }

    private void say(Contestant contestant, Findings.SlowPhase phase) {
        say.accept("  for slow readers: %,d sent, %,d received, %,d not"
                .formatted(phase.sent(), phase.received(), phase.sent() - phase.received()));
        if (contestant.peer().metrics().isEmpty()) {
            say.accept("  this peer does not tell what it drops");
            return;
        }
        say.accept("  counted by the server: dropped by lane %s, closed by code %s"
                .formatted(phase.dropped(), phase.closed()));
        if (phase.unattributed() > 0) {
            say.accept("  %,d neither received nor counted: written to the sockets of the %d closed connections"
                    .formatted(phase.unattributed(), sum(phase.closed())));
        }
        if (phase.unattributed() < 0) {
            say.accept("  %,d of them went with connections that were closed before, whose sessions ended now"
                    .formatted(-phase.unattributed()));
        }
    }

    /** A message that was for a slow reader is received, or counted, or went with a closed connection. */
    private static void check(Contestant contestant, Report.SlowReaders slow, Findings.SlowPhase phase) {
        contestant.add(phase);
        if (slow.duplicated() + slow.reordered() > 0) {
            contestant.fault("%s: slow readers got %,d duplicated, %,d out of order"
                    .formatted(phase.name(), slow.duplicated(), slow.reordered()));
        }
        if (contestant.unattributed() < 0) {
            contestant.fault("%s: %,d messages were counted as dropped and yet received"
                    .formatted(phase.name(), -contestant.unattributed()));
        }
        if (phase.unattributed() > 0 && phase.closed().isEmpty()) {
            contestant.fault("%s: %,d messages to slow readers vanished uncounted, and no connection was closed"
                    .formatted(phase.name(), phase.unattributed()));
        }
    }

    private void compare(Contestant contestant, List<Findings.SlowPhase> phases) {
        say.accept("");
        say.accept("%-24s %14s %12s %16s %16s"
                .formatted(contestant.peer().name(), "others p99 ms", "others lost", "resident MiB", "live heap MiB"));
        for (Findings.SlowPhase phase : phases) {
            say.accept("  %-22s %14.2f %,12d %16.1f %16.1f"
                    .formatted(
                            phase.name(),
                            phase.othersP99Ms(),
                            phase.othersLost(),
                            mebibytes(phase.residentBytes()),
                            mebibytes(phase.liveHeapBytes())));
        }
        long bound = contestant.peer().outboundBound() * contestant.fleet().slowConnections();
        if (bound > 0) {
            say.accept(
                    "  grown while they stopped: %.1f MiB resident, %.1f MiB live heap; bound of their queues: %.1f MiB"
                            .formatted(
                                    grown(phases, Findings.SlowPhase::residentBytes),
                                    grown(phases, Findings.SlowPhase::liveHeapBytes),
                                    mebibytes(bound)));
        }
    }

    /** From the phases in which all read, the first of which is still warming up, to the largest. */
    private static double grown(List<Findings.SlowPhase> phases, ToLongFunction<Findings.SlowPhase> bytes) {
        long most = phases.stream().mapToLong(bytes).max().orElse(0);
        long least = Math.min(bytes.applyAsLong(phases.getFirst()), bytes.applyAsLong(phases.getLast()));
        return mebibytes(most - least);
    }

    private static double mebibytes(long bytes) {
        return bytes / 1024.0 / 1024.0;
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }
}
