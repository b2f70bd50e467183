package io.signalbox.load.run;

import io.signalbox.load.report.Results;
import java.io.IOException;
import java.util.function.Consumer;

/** Runs of traffic one after the other, each with a number of its own. Not thread-safe. */
final class Turns {
    private final Consumer<String> say;
    private int runs;

    Turns(Consumer<String> say) {
        this.say = say;
    }

    Results.Repetition run(Contestant contestant, Scenario scenario, int rate)
            throws IOException, InterruptedException {
        // A stamp has one byte for it.
        Results.Repetition done = contestant.fleet().run(++runs & 0x7f, scenario, rate);
        say.accept(
                "%-24s %,7d/s  %6.1f us cpu%s  %.2f cores  p50 %6.2f  p99 %7.2f  p99.9 %7.2f  max %7.1f ms  late p99 %5.2f%s%s"
                        .formatted(
                                contestant.peer().name(),
                                Math.round(done.deliveredPerSecond()),
                                done.cpuMicros(),
                                store(done),
                                done.cores(),
                                done.p50Ms(),
                                done.p99Ms(),
                                done.p999Ms(),
                                done.maxMs(),
                                done.lateP99Ms(),
                                done.generatorBound() ? " GENERATOR LATE" : "",
                                faults(done)));
        return done;
    }

    private static String store(Results.Repetition done) {
        return done.storeCpuMicros() > 0 ? " + %.1f of the store".formatted(done.storeCpuMicros()) : "";
    }

    private static String faults(Results.Repetition done) {
        String faults = done.isSound()
                ? ""
                : " LOST %d DUPLICATED %d REORDERED %d".formatted(done.lost(), done.duplicated(), done.reordered());
        if (done.repeated() > 0) {
            faults += " came again and said so %d".formatted(done.repeated());
        }
        return done.refused().isEmpty() ? faults : faults + " refused " + done.refused();
    }
}
