package io.signalbox.load.run;

import io.signalbox.load.report.Findings;
import io.signalbox.load.report.Results;
import io.signalbox.load.report.Spread;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * All connections are cut and made anew, as often as asked for; the first connecting, by a cold server, is not counted. They
 * are cut without a farewell, so agents come back to a server that may still keep their places.
 */
record StormCourse(Scenario scenario, Consumer<String> say) implements Course {
    /** From the cut to the next storm: the server has seen all ends by then. */
    private static final Duration CALM = Duration.ofSeconds(3);

    @Override
    public void run(List<Contestant> contestants) throws IOException, InterruptedException {
        for (int repetition = 0; repetition < scenario.repetitions(); repetition++) {
            for (Contestant each : contestants) {
                each.add(storm(each));
            }
        }
        for (Contestant each : contestants) {
            say(each);
        }
    }

    private Findings.Connects storm(Contestant contestant) throws IOException, InterruptedException {
        contestant.fleet().shut();
        Thread.sleep(CALM);
        long before = ServerCost.of(contestant.peer().pids()).cpuMicros();
        Results.Connecting done = contestant.fleet().open();
        double cpu = ServerCost.of(contestant.peer().pids()).cpuMicros() - before;
        say.accept(
                "%-24s %,6d connections in %5.2f s, %,6.0f/s, handshake p50 %6.1f ms, p99 %6.1f ms, %5.0f us cpu each%s"
                        .formatted(
                                contestant.peer().name(),
                                done.connections(),
                                done.seconds(),
                                done.connections() / done.seconds(),
                                done.handshakeP50Ms(),
                                done.handshakeP99Ms(),
                                cpu / done.connections(),
                                done.failures().isEmpty() ? "" : ", failures " + done.failures()));
        return new Findings.Connects(
                0,
                done.seconds(),
                done.handshakeP50Ms(),
                done.handshakeP99Ms(),
                cpu / done.connections(),
                done.failures());
    }

    private void say(Contestant contestant) {
        int connections = scenario.connections();
        Spread seconds = Spread.of(contestant.connects(), Findings.Connects::seconds);
        Spread cpu = Spread.of(contestant.connects(), Findings.Connects::cpuMicros);
        Spread handshake = Spread.of(contestant.connects(), Findings.Connects::handshakeP99Ms);
        say.accept(
                "%-24s median of %d: %,.0f connections/s (%,.0f-%,.0f), %.0f us cpu each (%.0f-%.0f), handshake p99 %.1f ms"
                        .formatted(
                                contestant.peer().name(),
                                contestant.connects().size(),
                                connections / seconds.median(),
                                connections / seconds.most(),
                                connections / seconds.least(),
                                cpu.median(),
                                cpu.least(),
                                cpu.most(),
                                handshake.median()));
    }
}
