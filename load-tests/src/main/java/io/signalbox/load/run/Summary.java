package io.signalbox.load.run;

import io.signalbox.load.report.Results;
import io.signalbox.load.report.Spread;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The table at the end: medians over the repetitions, with their spread. */
record Summary(Results results) {
    void print(Consumer<String> out) {
        out.accept("");
        out.accept("memory, KiB per connection     idle   after load   kernel, both ends");
        for (Results.PeerResult peer : results.peers()) {
            out.accept("%-26s %8.1f %12.1f %19.1f"
                    .formatted(
                            peer.peer(),
                            peer.memory().idleKib(),
                            peer.memory().loadedKib(),
                            peer.memory().kernelKib()));
        }
        results.peers().stream()
                .filter(peer -> peer.findings().capacity() > 0)
                .forEach(peer -> out.accept("capacity: %s sustains %,d messages/s"
                        .formatted(peer.peer(), peer.findings().capacity())));
        results.peers().stream()
                .flatMap(peer -> peer.repetitions().stream())
                .map(Results.Repetition::rate)
                .distinct()
                .forEach(rate -> print(rate, out));
    }

    private void print(int rate, Consumer<String> out) {
        out.accept("");
        out.accept("%-26s %10s %16s %16s %16s"
                .formatted(
                        rate == 0 ? "as many as it takes" : "%,d/s".formatted(rate),
                        results.counted(),
                        "cpu us/message",
                        "p50 ms",
                        "p99 ms"));
        for (Results.PeerResult peer : results.peers()) {
            List<Results.Repetition> runs = at(peer, rate);
            out.accept("%-26s %10s %16s %16s %16s"
                    .formatted(
                            peer.peer(),
                            "%,.0f"
                                    .formatted(Spread.of(runs, Results.Repetition::deliveredPerSecond)
                                            .median()),
                            spread(runs, Results.Repetition::cpuMicros),
                            spread(runs, Results.Repetition::p50Ms),
                            spread(runs, Results.Repetition::p99Ms)));
            if (Spread.of(runs, Results.Repetition::storeCpuMicros).most() > 0) {
                out.accept("%-26s %10s %16s"
                        .formatted("  its store", "", spread(runs, Results.Repetition::storeCpuMicros)));
            }
        }
    }

    private static List<Results.Repetition> at(Results.PeerResult peer, int rate) {
        return peer.repetitions().stream().filter(run -> run.rate() == rate).toList();
    }

    private static String spread(List<Results.Repetition> runs, ToDoubleFunction<Results.Repetition> figure) {
        Spread spread = Spread.of(runs, figure);
        return "%.2f (%.2f-%.2f)".formatted(spread.median(), spread.least(), spread.most());
    }
}
