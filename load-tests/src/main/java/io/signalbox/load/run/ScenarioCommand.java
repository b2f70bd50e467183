package io.signalbox.load.run;

import io.signalbox.load.Directories;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.peer.Peers;
import io.signalbox.load.peer.Processors;
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

    @Option(names = "--step", paramLabel = "N", description = "Messages per second by which the rate grows.")
    private Optional<Integer> step = Optional.empty();

    @Option(names = "--bytes", paramLabel = "N", description = "Payload.")
    private Optional<Integer> bytes = Optional.empty();

    @Option(names = "--seconds", paramLabel = "N", description = "Measured time, of each repetition.")
    private Optional<Integer> seconds = Optional.empty();

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Load before it, not measured.")
    private Optional<Integer> warmUp = Optional.empty();

    @Option(names = "--repetitions", paramLabel = "N", description = "How often; peers take turns.")
    private Optional<Integer> repetitions = Optional.empty();

    @Option(names = "--window", paramLabel = "N", description = "With rate 0: messages under way all the time.")
    private Optional<Integer> window = Optional.empty();

    @Option(
            names = "--reconnect-spread",
            paramLabel = "MS",
            description = "A lost connection comes back after a random part of it. Default: 2000.")
    private Optional<Integer> reconnectSpread = Optional.empty();

    @Option(
            names = "--peers",
            split = ",",
            description = "Side by side, of: ${COMPLETION-CANDIDATES}. Default: signalbox.")
    private List<Peers> chosenPeers = List.of();

    @Option(
            names = "--nodes",
            defaultValue = "1",
            description = "Nodes of Signalbox; separate ones, messages stay within each. Default: ${DEFAULT-VALUE}.")
    private int nodes = 1;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Configuration of Signalbox's nodes.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--tls", description = "Connections to Signalbox over TLS.")
    private boolean tls;

    @Option(
            names = "--server-cpus",
            paramLabel = "LIST",
            description = "Processors for the servers, as taskset takes them, such as 0 or 0,2-3; or all.")
    private Optional<String> serverProcessors = Optional.empty();

    @Option(names = "--load-cpus", paramLabel = "LIST", description = "The same for the generator.")
    private Optional<String> loadProcessors = Optional.empty();

    @Option(names = "--report", paramLabel = "DIR", description = "Gets results.json and report.html.")
    private Optional<Path> report = Optional.empty();

    public ScenarioCommand(Scenario defaults) {
        this.defaults = defaults;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Scenario scenario = chosen();
        Pinning pinning = pinning();
        int perProcess = OpenFiles.connectionsPerProcess();
        checkPeers();
        checkConnections(scenario, perProcess);
        Path home = Files.createTempDirectory("signalbox-load");
        List<String> missing = new ArrayList<>();
        List<Peer> present = present(scenario, pinning, home, missing);
        // For Ctrl-C: no server outlives its load test.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> present.forEach(Peer::close)));
        say("%s", Machine.describe());
        missing.forEach(reason -> say("left out: %s", reason));
        List<Results.PeerResult> results;
        try (ScenarioRun run =
                new ScenarioRun(scenario, perProcess, pinning.load(), home, line -> say("%s", line), this::live)) {
            results = run.run(present);
        } catch (IOException | RuntimeException e) {
            say("the logs of all processes are in %s", home);
            throw e;
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
        return exitCode(whole);
    }

    private int exitCode(Results whole) {
        List<String> faults = whole.peers().stream()
                .flatMap(peer -> peer.findings().faults().stream())
                .toList();
        faults.forEach(fault -> say("FAULT %s", fault));
        return faults.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private Scenario chosen() {
        List<Integer> steps = step.map(List::of).orElse(rates);
        Scenario scenario = new Scenario(
                defaults.name(),
                defaults.kind(),
                defaults.traffic(),
                agents.orElse(defaults.agents()),
                agentsPerConnection.orElse(defaults.agentsPerConnection()),
                steps.isEmpty() ? defaults.rates() : steps,
                window.orElse(defaults.window()),
                bytes.orElse(defaults.payloadBytes()),
                warmUp.orElse(defaults.warmUpSeconds()),
                seconds.orElse(defaults.seconds()),
                repetitions.orElse(defaults.repetitions()),
                reconnectSpread.orElse(defaults.reconnectSpreadMs()));
        scenario.fault().ifPresent(fault -> {
            throw new ParameterException(spec.commandLine(), fault);
        });
        return scenario;
    }

    /** Which processors servers and generator may use, as {@code taskset} takes them; empty: all. */
    private record Pinning(String servers, String load) {}

    private Pinning pinning() throws IOException, InterruptedException {
        boolean apart = defaults.kind() == Scenario.Kind.CAPACITY && Processors.canPin();
        String servers = processors(serverProcessors, apart ? "0" : "");
        String load = processors(loadProcessors, apart ? "1" : "");
        Processors.check(servers);
        Processors.check(load);
        return new Pinning(servers, load);
    }

    private static String processors(Optional<String> chosen, String otherwise) {
        return chosen.map(list -> list.equals("all") ? "" : list).orElse(otherwise);
    }

    private List<Peers> peers() {
        return chosenPeers.isEmpty() ? defaults.peers() : chosenPeers;
    }

    /** Others have nothing durable; and the store is the node's, which has to be started before. */
    private void checkPeers() {
        if (defaults.durable()
                && (peers().getFirst() != Peers.SIGNALBOX || !defaults.peers().containsAll(peers()))) {
            throw new ParameterException(spec.commandLine(), "--peers is signalbox, or signalbox,redis");
        }
        if (!defaults.durable() && peers().contains(Peers.REDIS)) {
            throw new ParameterException(spec.commandLine(), "redis is a peer of durable alone");
        }
    }

    private void checkConnections(Scenario scenario, int perProcess) {
        for (Peers each : peers()) {
            int perNode = Math.ceilDiv(scenario.connections(), each == Peers.SIGNALBOX ? nodes : 1);
            if (perNode > perProcess) {
                throw new ParameterException(spec.commandLine(), tooMany(each, perNode, perProcess));
            }
        }
    }

    private List<Peer> present(Scenario scenario, Pinning pinning, Path home, List<String> missing) throws IOException {
        List<Peer> present = new ArrayList<>();
        for (Peers each : peers()) {
            Optional<String> why = each.missing();
            if (why.isPresent()) {
                missing.add(why.get());
                continue;
            }
            Path folder = Files.createDirectories(Peers.folder(each, home));
            present.add(each.create(new Peers.Wish(
                    nodes,
                    scenario.agents(),
                    settings,
                    tls,
                    pinning.servers(),
                    Processors.count(pinning.servers()),
                    folder)));
        }
        return present;
    }

    private static String tooMany(Peers peer, int connections, int limit) {
        return "%,d connections are more than the limit of open files lets one process of %s have here (%,d): raise it (ulimit -n), take fewer --agents or more --agents-per-connection%s"
                .formatted(
                        connections,
                        peer.name().toLowerCase(Locale.ROOT),
                        limit,
                        peer == Peers.SIGNALBOX ? ", or more --nodes" : "");
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
                        scenario.connections(),
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
