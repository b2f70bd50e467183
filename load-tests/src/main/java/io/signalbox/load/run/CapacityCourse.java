package io.signalbox.load.run;

import io.signalbox.load.report.Results;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The rate grows step by step until a peer no longer keeps up. A step must fail twice: once may be the machine. What is lost
 * beyond the capacity is not a fault.
 */
record CapacityCourse(Scenario scenario, Turns turns, Consumer<String> say) implements Course {
    private static final double MIN_DELIVERED = 0.99;
    private static final double MAX_P99_MS = 100;
    private static final int ATTEMPTS = 2;

    @Override
    public void run(List<Contestant> contestants) throws IOException, InterruptedException {
        for (Contestant each : contestants) {
            climb(each);
        }
    }

    private void climb(Contestant contestant) throws IOException, InterruptedException {
        int step = scenario.rates().getFirst();
        int sustained = 0;
        while (true) {
            Optional<String> why = attempt(contestant, sustained + step);
            if (why.isPresent()) {
                contestant.capacity(sustained);
                say.accept("%-24s sustains %,d/s; at %,d/s %s"
                        .formatted(contestant.peer().name(), sustained, sustained + step, why.get()));
                return;
            }
            sustained += step;
        }
    }

    /** Empty: the rate is sustained. */
    private Optional<String> attempt(Contestant contestant, int rate) throws IOException, InterruptedException {
        Optional<String> why = Optional.empty();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Results.Repetition done = turns.run(contestant, scenario, rate);
            why = whyNot(done, scenario.seconds());
            if (why.isEmpty()) {
                contestant.add(done);
                return why;
            }
            contestant.addOverload(done);
        }
        return why;
    }

    /** Why a rate was not sustained over so many seconds; empty: it was. */
    static Optional<String> whyNot(Results.Repetition done, int seconds) {
        double share = (double) done.delivered() / done.rate() / seconds;
        if (share >= MIN_DELIVERED && done.p99Ms() <= MAX_P99_MS) {
            return Optional.empty();
        }
        if (done.generatorBound()) {
            return Optional.of("the generator itself is late: more cannot be measured with its processors");
        }
        return Optional.of(
                share < MIN_DELIVERED
                        ? "%.1f %% are delivered in time".formatted(share * 100)
                        : "p99 is %.0f ms".formatted(done.p99Ms()));
    }
}
