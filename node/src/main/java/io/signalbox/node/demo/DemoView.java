package io.signalbox.node.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Shows what happens: redrawn in place on a terminal, else a line now and then. Not thread-safe. */
final class DemoView {
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final int PLAIN_EVERY = 4;
    private static final int LINES = 5;

    private final PrintWriter out;
    private final boolean terminal;
    private final DemoLedger ledger;
    private final SimulatedFleet fleet;
    private long lastDone;
    private long lastNanos = System.nanoTime();
    private int shown;

    DemoView(PrintWriter out, boolean terminal, DemoLedger ledger, SimulatedFleet fleet) {
        this.out = out;
        this.terminal = terminal;
        this.ledger = ledger;
        this.fleet = fleet;
    }

    Duration interval() {
        return INTERVAL;
    }

    void show() {
        if (terminal) {
            redraw();
        } else if (shown % PLAIN_EVERY == 0) {
            out.printf(
                    Locale.ROOT,
                    "%d of %d agents connected, %d tasks accepted, %d done (%.0f/s), node killed %d times%n",
                    fleet.connected(),
                    fleet.size(),
                    ledger.accepted.get(),
                    ledger.doneCount(),
                    rate(),
                    ledger.nodeKills.get());
        }
        shown++;
        out.flush();
    }

    private double rate() {
        long now = System.nanoTime();
        long done = ledger.doneCount();
        double rate = (done - lastDone) * 1e9 / (now - lastNanos);
        lastDone = done;
        lastNanos = now;
        return rate;
    }

    private void redraw() {
        if (shown > 0) {
            out.print("\033[" + LINES + "A");
        }
        long accepted = ledger.accepted.get();
        long done = ledger.doneCount();
        line("agents    %s of %d connected%s", fleet.connected(), fleet.size(), populations());
        line("tasks     %d accepted, %d done, %d open; %.0f done/s", accepted, done, accepted - done, rate());
        line("received  %s after submit", quantiles(ledger.submitToReceived));
        line("done      %s after submit", quantiles(ledger.submitToDone));
        line(
                "failures  %d connections cut, %d agents crashed, %d attempts failed, node killed %d times",
                ledger.connectionsCut.get(),
                ledger.agentsCrashed.get(),
                ledger.attemptsFailed.get(),
                ledger.nodeKills.get());
    }

    private void line(String format, Object... arguments) {
        out.println("\033[2K" + String.format(Locale.ROOT, format, arguments));
    }

    private String populations() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Long> population : fleet.connectedByPopulation().entrySet()) {
            text.append(text.isEmpty() ? ": " : ", ")
                    .append(population.getValue())
                    .append(' ')
                    .append(population.getKey());
        }
        return text.toString();
    }

    static String quantiles(Histogram histogram) {
        return String.format(
                Locale.ROOT,
                "p50 %.0f ms, p99 %.0f ms",
                histogram.getValueAtPercentile(50) / 1000.0,
                histogram.getValueAtPercentile(99) / 1000.0);
    }
}
