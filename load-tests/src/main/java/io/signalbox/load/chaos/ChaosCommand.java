package io.signalbox.load.chaos;

import io.signalbox.load.Directories;
import io.signalbox.load.Least;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "chaos",
        description = {
            "Send durable messages, tasks and live messages through a cluster while its nodes, stores and links are killed,",
            "stopped and cut, with a journal of what each client saw, and judge it: lost, phantom, corrupt, repeated without",
            "saying so, out of order, stuck; tasks that did not end exactly once; live subscribers that hear nothing.",
            "Exit code 1 when there is any of these."
        },
        mixinStandardHelpOptions = true)
public final class ChaosCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            defaultValue = "mixed",
            description = "One of those that --list names, or several with commas. Default: ${DEFAULT-VALUE}.")
    private String scenario;

    @Option(names = "--list", description = "Say what scenarios there are, and what they do.")
    private boolean list;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long faults are done. Default: ${DEFAULT-VALUE}.")
    private int minutes;

    @Option(
            names = "--faults",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "At most so many, if the time is not over before.")
    private int faults;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Of the choice of faults, pauses and messages. Default: a random one, which is told.")
    private Optional<Long> chosenSeed = Optional.empty();

    @Option(names = "--senders", paramLabel = "N", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int senders;

    @Option(
            names = "--pause",
            paramLabel = "MS",
            defaultValue = "100",
            description =
                    "Of a sender after each message, so that the machine has time for the rest. Default: ${DEFAULT-VALUE}.")
    private int pauseMillis;

    @Option(names = "--mailboxes", paramLabel = "N", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
    private int mailboxes;

    @Option(
            names = "--agents",
            paramLabel = "N",
            defaultValue = "8",
            description = "For each of the three skills of tasks. Default: ${DEFAULT-VALUE}.")
    private int agents;

    @Option(
            names = "--submitters",
            paramLabel = "N",
            defaultValue = "8",
            description = "Of ten tasks a second at most each. Default: ${DEFAULT-VALUE}.")
    private int submitters;

    @Option(
            names = "--subscribers",
            paramLabel = "N",
            defaultValue = "30",
            description = "Of live messages. Default: ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
            names = "--directory",
            description =
                    "New, for data, logs, journal and results, kept. Default: a temporary one, deleted after a good run.")
    private Optional<Path> directory = Optional.empty();

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description = "Where the verdict goes as JSON, besides results.json in the directory.")
    private Optional<Path> results = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (list) {
            Scenario.lines().forEach(this::say);
            return ExitCode.OK;
        }
        ChaosRun.Plan plan = plan();
        if (plan.scenario().faults().stream().anyMatch(Fault::needsFullDisk) && !FullDisk.isPossible()) {
            say("Skipped: a disk is filled with prlimit, which is not here (apt install util-linux).");
            return ExitCode.OK;
        }
        Path home = directory.isPresent()
                ? Files.createDirectories(directory.get())
                : Files.createTempDirectory("signalbox-chaos");
        say("Scenario %s with %d nodes for %d minutes, seed %d, in %s"
                .formatted(plan.scenario().name(), nodes, minutes, plan.seed(), home));
        ChaosResult result = new ChaosRun(plan, home, this::say).perform();
        return report(result, home) ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private ChaosRun.Plan plan() {
        new Least(spec, 1)
                .check("--nodes", nodes)
                .check("--minutes", minutes)
                .check("--faults", faults)
                .check("--senders", senders)
                .check("--mailboxes", mailboxes)
                .check("--agents", agents)
                .check("--submitters", submitters)
                .check("--subscribers", subscribers);
        new Least(spec, 0).check("--pause", pauseMillis);
        Scenario chosen = Scenario.named(scenario)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "There is no scenario '" + scenario + "', but these:\n"
                                + String.join("\n", Scenario.lines().toList())))
                .with(nodes);
        if (chosen.faults().isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Scenario " + scenario + " needs more than one node");
        }
        if (chosen.isContradictory()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Scenario " + scenario
                            + " loses the primary of a Redis with a replica, and does other things to one"
                            + " without");
        }
        long seed = chosenSeed.orElseGet(() -> ThreadLocalRandom.current().nextLong(1, 1_000_000_000));
        return new ChaosRun.Plan(
                chosen, nodes, minutes, faults, seed, senders, pauseMillis, mailboxes, agents, submitters, subscribers);
    }

    private boolean report(ChaosResult result, Path home) throws IOException {
        result.write(home.resolve("results.json"));
        if (results.isPresent()) {
            result.write(results.get());
        }
        result.faults().forEach(this::say);
        say("");
        result.lines().forEach(this::say);
        if (result.isGood() && directory.isEmpty()) {
            Directories.delete(home);
        } else {
            say("Logs, journal and results are in " + home);
        }
        return result.isGood();
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
