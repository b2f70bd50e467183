package io.signalbox.load.run;

import io.signalbox.load.report.Findings;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The first node is killed with SIGKILL and started again; all come back, and then messages flow as before. */
record ReconnectCourse(Scenario scenario, Turns turns, Consumer<String> say) implements Course {
    @Override
    public void run(List<Contestant> contestants) throws IOException, InterruptedException {
        for (int repetition = 0; repetition < scenario.repetitions(); repetition++) {
            for (Contestant each : contestants) {
                each.add(reconnect(each));
                for (int rate : scenario.rates()) {
                    each.add(turns.run(each, scenario, rate));
                }
            }
        }
    }

    private Findings.Connects reconnect(Contestant contestant) throws IOException, InterruptedException {
        contestant.fleet().expectLoss();
        long begin = System.nanoTime();
        Duration ready = contestant.peer().killAndStart();
        Results.Connecting back = contestant.fleet().awaitConnected();
        double seconds = (System.nanoTime() - begin) / 1e9;
        say.accept(
                "%-24s killed: takes connections again after %.1f s, all %,d connected after %.1f s, handshake p99 %.1f ms"
                        .formatted(
                                contestant.peer().name(),
                                ready.toMillis() / 1e3,
                                back.connections(),
                                seconds,
                                back.handshakeP99Ms()));
        back.failures().entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .forEach(failure -> say.accept("    %,8d x %s".formatted(failure.getValue(), failure.getKey())));
        return new Findings.Connects(
                ready.toMillis() / 1e3, seconds, back.handshakeP50Ms(), back.handshakeP99Ms(), 0, back.failures());
    }
}
