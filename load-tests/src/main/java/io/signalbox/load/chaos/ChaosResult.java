package io.signalbox.load.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What came of a run.
 *
 * @param done how often each fault was done
 * @param kills how many kill -9 of them
 * @param longestHealing milliseconds from the end of a fault until all was whole again, the longest
 * @param probes of all faults together
 * @param killed milliseconds until killed nodes were noticed
 * @param hung the same of nodes that hung, and were noticed before they went on
 * @param complaints what went wrong besides, in words
 */
record ChaosResult(
        String scenario,
        int nodes,
        long seed,
        int minutes,
        Map<Fault, Integer> done,
        int kills,
        long longestHealing,
        Probes probes,
        Noticing killed,
        Noticing hung,
        JournalAnalysis.Verdict messages,
        TaskTraffic.Verdict tasks,
        List<String> complaints) {
    private static final double MAX_REPEATED = 0.01;

    /** Milliseconds within which membership is to notice; later is told, and no fault: the machine may be busy. */
    private static final long KILLED_AIM = 1000;

    private static final long HUNG_AIM = 5000;

    /**
     * @param due deliveries to live subscribers that were waited for
     * @param heard those that came in time
     * @param longest milliseconds until the last one of a fault came
     */
    record Probes(int due, int heard, long longest) {
        Probes and(LiveTraffic.Probes more) {
            return new Probes(
                    due + more.due(),
                    heard + more.heard(),
                    Math.max(longest, more.time().toMillis()));
        }
    }

    boolean isGood() {
        return messages.isGood() && tasks.faults().isEmpty() && complaints.isEmpty() && probes.due == probes.heard;
    }

    void write(Path file) throws IOException {
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), this);
    }

    /** Each thing that is wrong. */
    Stream<String> faults() {
        return Stream.of(complaints, messages.faults(), tasks.faults())
                .flatMap(List::stream)
                .map(fault -> "FAULT " + fault);
    }

    /** What there is to say, a line each. */
    Stream<String> lines() {
        boolean few = messages.flagged() <= MAX_REPEATED * messages.received();
        return Stream.of(
                        line("faults done", "%s, of which kill -9: %d; seed %d", done, kills, seed),
                        line("whole again", "after %,d ms at most", longestHealing),
                        line("killed, noticed", "%s", noticed(killed, KILLED_AIM)),
                        line("hung, noticed", "%s", noticed(hung, HUNG_AIM)),
                        line(
                                "live probes",
                                "%,d of %,d heard, after %,d ms at most",
                                probes.heard,
                                probes.due,
                                probes.longest),
                        line("invoked", "%,d", messages.invoked()),
                        line("acknowledged", "%,d", messages.acknowledged()),
                        line("refused, unknown", "%,d, %,d", messages.refused(), messages.unknown()),
                        line("received", "%,d", messages.received()),
                        line("lost", "%,d", messages.lost()),
                        line("flushed", "%,d, by an operator", messages.flushed()),
                        line("not replicated", "%,d, of those safe on one server", messages.behind()),
                        line("phantom", "%,d", messages.phantoms()),
                        line("corrupt", "%,d", messages.corrupt()),
                        line("out of order", "%,d", messages.reordered()),
                        line("stuck", "%,d", messages.stuck()),
                        line("repeated", "%,d flagged, %,d not", messages.flagged(), messages.unflagged()),
                        few ? "" : "More than 1 % of what was received was repeated.",
                        line(
                                "tasks",
                                "%,d accepted, %,d unknown, %,d assignments, %,d finished twice",
                                tasks.accepted(),
                                tasks.unknown(),
                                tasks.attempts(),
                                tasks.twice()),
                        line("tasks at fault", "%,d", tasks.faults().size()),
                        isGood() ? "Nothing that was acknowledged is lost." : "THE RUN FAILED.")
                .filter(line -> !line.isEmpty());
    }

    private static String line(String what, String format, Object... arguments) {
        return "%-19s%s".formatted(what, format.formatted(arguments));
    }

    private static String noticed(Noticing noticing, long aim) {
        if (noticing.links().isEmpty() && noticing.members().isEmpty()) {
            return "never asked";
        }
        long late = noticing.members().stream().filter(millis -> millis > aim).count();
        return "links %s; membership %s, %d of them after %d ms"
                .formatted(spread(noticing.links()), spread(noticing.members()), late, aim);
    }

    /** Least, median and most. */
    static String spread(List<Long> millis) {
        List<Long> sorted = millis.stream().sorted().toList();
        Optional<Long> median = sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
        return median.map(middle -> "%d / %d / %d ms (%d times)"
                        .formatted(sorted.getFirst(), middle, sorted.getLast(), sorted.size()))
                .orElse("not in time");
    }
}
