package io.signalbox.load.chaos;

import io.signalbox.load.Directories;
import io.signalbox.load.Least;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "chaos",
        description = {
            "Send durable messages through one node while it and its stores are killed and stopped, with a journal of",
            "what each client saw, and judge it: lost, phantom, corrupt, repeated without saying so, out of order, stuck.",
            "Exit code 1 when there is any of these."
        },
        mixinStandardHelpOptions = true)
public final class ChaosCommand implements Callable<Integer> {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration QUIET_PATIENCE = Duration.ofSeconds(90);
    private static final int SHORTEST_PAUSE_MILLIS = 300;
    private static final int LONGEST_PAUSE_MILLIS = 3000;
    private static final double MAX_REPEATED = 0.01;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            defaultValue = "mixed",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Fault.Scenario scenario;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long faults are done. Default: ${DEFAULT-VALUE}.")
    private int minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Of the choice of faults, pauses and messages. Default: a random one, which is told.")
    private Optional<Long> chosenSeed = Optional.empty();

    @Option(names = "--senders", paramLabel = "N", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int senders;

    @Option(names = "--mailboxes", paramLabel = "N", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
    private int mailboxes;

    @Option(
            names = "--directory",
            description = "New, for data, log and journal, kept. Default: a temporary one, deleted after a good run.")
    private Optional<Path> directory = Optional.empty();

    private final Map<Fault, Integer> done = new TreeMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        new Least(spec, 1)
                .check("--minutes", minutes)
                .check("--senders", senders)
                .check("--mailboxes", mailboxes);
        long seed = chosenSeed.orElseGet(() -> ThreadLocalRandom.current().nextLong(1, 1_000_000_000));
        Path home = directory.isPresent()
                ? Files.createDirectories(directory.get())
                : Files.createTempDirectory("signalbox-chaos");
        Path file = home.resolve("journal");
        say("Scenario %s for %d minutes, seed %d, in %s", scenario, minutes, seed, home);
        try (NodeProcess node = new NodeProcess(home, Map.of())) {
            say("ready after %d ms", node.start(START_PATIENCE).toMillis());
            try (Journal journal = new Journal(file);
                    DurableTraffic traffic = new DurableTraffic(journal)) {
                run(node, traffic, new Random(seed));
            }
        }
        boolean good = judge(file);
        if (good && directory.isEmpty()) {
            Directories.delete(home);
        }
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void run(NodeProcess node, DurableTraffic traffic, Random random) throws IOException, InterruptedException {
        traffic.start(node.url(), senders, mailboxes, random);
        Faults faults = new Faults(node, random);
        long begin = System.nanoTime();
        long end = begin + Duration.ofMinutes(minutes).toNanos();
        while (System.nanoTime() < end) {
            Thread.sleep(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
            Fault fault = scenario.next(random);
            long before = System.nanoTime();
            faults.perform(fault);
            done.merge(fault, 1, Integer::sum);
            say(
                    "%5.1f s  %-13s whole again after %.1f s; %,d acknowledged, %,d received",
                    (before - begin) / 1e9,
                    fault,
                    (System.nanoTime() - before) / 1e9,
                    traffic.acknowledged(),
                    traffic.received());
        }
        traffic.finishSending();
        awaitReceived(traffic);
    }

    /** Until as many were received as were acknowledged, or nothing comes any more: then something is lost. */
    private void awaitReceived(DurableTraffic traffic) throws InterruptedException {
        long last = -1;
        long since = System.nanoTime();
        // Repeated ones count twice here, so a while of quiet decides in any case.
        while (System.nanoTime() - since < quiet(traffic).toNanos()) {
            if (traffic.received() != last) {
                last = traffic.received();
                since = System.nanoTime();
            }
            Thread.sleep(100);
        }
    }

    private static Duration quiet(DurableTraffic traffic) {
        return traffic.received() >= traffic.acknowledged() ? Duration.ofSeconds(10) : QUIET_PATIENCE;
    }

    private boolean judge(Path file) throws IOException {
        JournalAnalysis analysis = new JournalAnalysis();
        try (Stream<String> lines = Files.lines(file)) {
            lines.map(Observation::parse).flatMap(Optional::stream).forEach(analysis::see);
        }
        JournalAnalysis.Verdict verdict = analysis.verdict();
        verdict.faults().forEach(fault -> say("FAULT %s", fault));
        int kills = done.entrySet().stream()
                .filter(each -> each.getKey().isKill())
                .mapToInt(Map.Entry::getValue)
                .sum();
        say("");
        say("faults done        %s, of which kill -9: %d", done, kills);
        say("invoked            %,d", verdict.invoked());
        say("acknowledged       %,d", verdict.acknowledged());
        say("refused, unknown   %,d, %,d", verdict.refused(), verdict.unknown());
        say("received           %,d", verdict.received());
        say("lost               %,d", verdict.lost());
        say("phantom            %,d", verdict.phantoms());
        say("corrupt            %,d", verdict.corrupt());
        say("out of order       %,d", verdict.reordered());
        say("stuck              %,d", verdict.stuck());
        say("repeated           %,d flagged, %,d not", verdict.flagged(), verdict.unflagged());
        boolean few = verdict.flagged() <= MAX_REPEATED * verdict.received();
        if (!few) {
            say("More than 1 %% of what was received was repeated.");
        }
        say(verdict.isGood() ? "Nothing that was acknowledged is lost." : "THE RUN FAILED.");
        return verdict.isGood();
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(arguments.length == 0 ? format : format.formatted(arguments));
        out.flush();
    }
}
