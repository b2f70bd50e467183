package io.signalbox.load.run;

import io.signalbox.load.Directories;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.peer.Peers;
import io.signalbox.load.report.Machine;
import io.signalbox.load.report.ReportDirectory;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One scenario of the message path, with its defaults; see {@link Scenarios}. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class ScenarioCommand implements Callable<Integer> {
    private final Scenario defaults;

    @Spec
    private CommandSpec spec;

    @Option(names = "--agents", paramLabel = "N", description = "Agents, all together.")
    private Optional<Integer> agents = Optional.empty();

    @Option(names = "--agents-per-connection", paramLabel = "N", description = "Agents that share a connection.")
    private Optional<Integer> agentsPerConnection = Optional.empty();

    @Option(
            names = "--rate",
            paramLabel = "N",
            split = ",",
            description = "Messages per second; several: one step after the other. 0: as many as it takes.")
    private List<Integer> rates = List.of();

    @Option(names = "--bytes", paramLabel = "N", description = "Payload.")
    private Optional<Integer> bytes = Optional.empty();

    @Option(names = "--seconds", paramLabel = "N", description = "Measured time of a repetition.")
    private Optional<Integer> seconds = Optional.empty();

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Load before it, not measured.")
    private Optional<Integer> warmUp = Optional.empty();

    @Option(names = "--repetitions", paramLabel = "N", description = "Of each rate; peers take turns.")
    private Optional<Integer> repetitions = Optional.empty();

    @Option(names = "--window", paramLabel = "N", description = "With rate 0: messages under way all the time.")
    private Optional<Integer> window = Optional.empty();

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "signalbox",
            description = "Side by side, of: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private List<Peers> peers;

    @Option(
            names = "--nodes",
            defaultValue = "1",
            description = "Nodes of Signalbox; separate ones, messages stay within each. Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Configuration of Signalbox's nodes.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--tls", description = "Connections to Signalbox over TLS.")
    private boolean tls;

    @Option(
            names = "--server-cpus",
            defaultValue = "",
            description = "Processors for the servers, as taskset takes them: 0. Default: all.")
    private String serverProcessors;

    @Option(names = "--load-cpus", defaultValue = "", description = "The same for the generator.")
    private String loadProcessors;

    @Option(names = "--report", paramLabel = "DIR", description = "Gets results.json and report.html.")
    private Optional<Path> report = Optional.empty();

    public ScenarioCommand(Scenario defaults) {
        this.defaults = defaults;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scenario scenario = chosen();
        if (scenario.window() == 0 && scenario.rates().contains(0)) {
            throw new ParameterException(spec.commandLine(), "rate 0 needs a --window: how many are under way");
        }
        int perProcess = OpenFiles.connectionsPerProcess();
        int perNode = Math.ceilDiv(Math.ceilDiv(scenario.agents(), scenario.agentsPerConnection()), nodes);
        if (perNode > perProcess) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%,d connections to a node are more than a process may open here (%,d): use more --nodes"
                            .formatted(perNode, perProcess));
        }
        List<String> missing = new ArrayList<>();
        Path home = Files.createTempDirectory("signalbox-load");
        List<Peer> present = present(scenario, home, missing);
        say("%s", Machine.describe());
        missing.forEach(reason -> say("left out: %s", reason));
        List<Results.PeerResult> results;
        try (ScenarioRun run =
                new ScenarioRun(scenario, perProcess, loadProcessors, home, line -> say("%s", line), this::live)) {
            results = run.run(present);
        } finally {
            present.forEach(Peer::close);
        }
        Results whole = results(scenario, missing, results);
        new Summary(whole).print(line -> say("%s", line));
        if (report.isPresent()) {
            ReportDirectory directory = new ReportDirectory(report.get());
            directory.write(whole);
            say("written: %s", directory.page());
        }
        Directories.delete(home);
        return whole.peers().stream()
                        .filter(peer -> peer.peer().startsWith("Signalbox"))
                        .flatMap(peer -> peer.repetitions().stream())
                        .allMatch(Results.Repetition::isSound)
                ? ExitCode.OK
                : ExitCode.SOFTWARE;
    }

    private Scenario chosen() {
        return new Scenario(
                defaults.name(),
                defaults.traffic(),
                agents.orElse(defaults.agents()),
                agentsPerConnection.orElse(defaults.agentsPerConnection()),
                rates.isEmpty() ? defaults.rates() : rates,
                window.orElse(defaults.window()),
                bytes.orElse(defaults.payloadBytes()),
                warmUp.orElse(defaults.warmUpSeconds()),
                seconds.orElse(defaults.seconds()),
                repetitions.orElse(defaults.repetitions()),
                defaults.stalled(),
                defaults.kill());
    }

    private List<Peer> present(Scenario scenario, Path home, List<String> missing) throws IOException {
        List<Peer> present = new ArrayList<>();
        for (Peers each : peers) {
            Optional<String> why = each.missing();
            if (why.isPresent()) {
                missing.add(why.get());
            } else {
                Path folder = Files.createDirectories(home.resolve(each.name().toLowerCase(Locale.ROOT)));
                present.add(each.create(new Peers.Wish(
                        nodes,
                        scenario.agents(),
                        settings,
                        tls,
                        serverProcessors,
                        Runtime.getRuntime().availableProcessors(),
                        folder)));
            }
        }
        return present;
    }

    private Results results(Scenario scenario, List<String> missing, List<Results.PeerResult> peerResults) {
        return new Results(
                scenario.name(),
                "./signalbox load "
                        + String.join(" ", spec.commandLine().getParseResult().originalArgs()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Machine.describe(),
                new Results.Settings(
                        scenario.agents(),
                        Math.ceilDiv(scenario.agents(), scenario.agentsPerConnection()),
                        nodes,
                        scenario.payloadBytes(),
                        scenario.rates(),
                        scenario.warmUpSeconds(),
                        scenario.seconds(),
                        scenario.repetitions(),
                        tls,
                        settings),
                missing,
                peerResults);
    }

    private void live(String line) {
        if (System.console() != null) {
            PrintWriter err = spec.commandLine().getErr();
            err.print("\r\033[K" + line);
            err.flush();
        }
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.formatted(arguments));
        out.flush();
    }
}
