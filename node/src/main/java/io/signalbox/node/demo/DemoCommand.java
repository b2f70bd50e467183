package io.signalbox.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.config.Secret;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.process.NodeProcess;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Start a node, connect a fleet of agents, give them tasks, break things, and show what happens.",
            "The agents' work is simulated, everything else is real. Exit code 1 when a task was lost."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final Duration NODE_PATIENCE = Duration.ofSeconds(60);
    private static final Duration END_PATIENCE = Duration.ofMinutes(2);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--agents",
            defaultValue = "300",
            description = "The reference fleet scaled to so many. Default: ${DEFAULT-VALUE}.")
    private int agents;

    @Option(names = "--tasks", defaultValue = "2000", description = "Default: ${DEFAULT-VALUE}.")
    private int tasks;

    @Option(names = "--rate", defaultValue = "100", description = "Tasks per second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(names = "--calm", description = "Break nothing.")
    private boolean calm;

    private final DemoLedger ledger = new DemoLedger();
    private final List<String> faults = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException, ApiException {
        check("--agents", agents);
        check("--tasks", tasks);
        check("--rate", rate);
        Path home = Files.createTempDirectory("signalbox-demo");
        try (NodeProcess node = new NodeProcess(home, Map.of())) {
            say("Starting a node in %s", home);
            Duration ready = node.start(NODE_PATIENCE);
            say("Ready after %.1f s: %s (process %d)", ready.toMillis() / 1000.0, node.url(), node.pid());
            try (ApiClient client = new ApiClient(URI.create(node.url()), new Secret(""))) {
                run(node, client);
            }
        } finally {
            delete(home);
        }
        return faults.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void check(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + " " + value + ": expected a number from 1 on");
        }
    }

    private void run(NodeProcess node, ApiClient client) throws IOException, InterruptedException, ApiException {
        ReferenceFleet reference = ReferenceFleet.scaledTo(agents);
        publish(client, reference);
        ClientOptions options = ClientOptions.builder(node.url())
                .token(() -> "")
                .connectTimeout(Duration.ofSeconds(60))
                .requestTimeout(Duration.ofSeconds(30))
                .drainTimeout(Duration.ofSeconds(1))
                .build();
        long begin = System.nanoTime();
        try (SimulatedFleet fleet = SimulatedFleet.connect(reference, options, ledger)) {
            say("%d agents attached after %.1f s: %s", fleet.size(), seconds(begin), reference.populations());
            say("Submitting %d tasks, %d a second, for every skill and of every priority.", tasks, rate);
            say("");
            perform(node, client, reference, fleet);
        }
        summary();
    }

    private void publish(ApiClient client, ReferenceFleet reference) throws ApiException, IOException {
        ObjectMapper json = new ObjectMapper();
        for (AgentType type : reference.types()) {
            client.post("/v1/definitions", json.readTree(type.document()), Map.of());
        }
        say("%d agent types published", reference.types().size());
    }

    private void perform(NodeProcess node, ApiClient client, ReferenceFleet reference, SimulatedFleet fleet)
            throws InterruptedException, IOException, ApiException {
        TaskFeed feed = new TaskFeed(client, reference, ledger);
        FailureInjector injector = new FailureInjector(node, fleet, ledger, NODE_PATIENCE);
        DemoView view =
                new DemoView(spec.commandLine().getOut(), Boolean.getBoolean("signalbox.terminal"), ledger, fleet);
        Thread feeding = Thread.ofVirtual().start(() -> submit(feed));
        if (!calm) {
            injector.start();
        }
        while (feeding.isAlive()) {
            view.show();
            Thread.sleep(view.interval());
            if (!calm && ledger.nodeKills.get() == 0 && ledger.accepted.get() >= tasks / 2) {
                injector.killNode();
            }
        }
        if (!calm) {
            injector.stop();
        }
        awaitEnd(client, view);
        feed.failures().forEach(failure -> faults.add("a submit failed: " + failure));
        injector.failures().forEach(failure -> faults.add("an agent did not come back: " + failure));
        verify(client, feed.accepted());
    }

    private void submit(TaskFeed feed) {
        try {
            feed.submit(tasks, rate);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEnd(ApiClient client, DemoView view) throws InterruptedException, ApiException {
        long end = System.nanoTime() + END_PATIENCE.toNanos();
        while (open(client) > 0 && System.nanoTime() < end) {
            view.show();
            Thread.sleep(view.interval());
        }
        view.show();
    }

    private static long open(ApiClient client) throws ApiException {
        JsonNode open = client.get("/agents/health").path("tasks");
        return open.path("queued").asLong()
                + open.path("assigned").asLong()
                + open.path("backingOff").asLong();
    }

    /** Asks the node for every task: what counts is what it has stored. */
    private void verify(ApiClient client, Set<String> accepted) throws ApiException {
        Set<String> missing = new HashSet<>(accepted);
        for (JsonNode task : client.list("/v1/tasks", Map.of("state", "succeeded"), "tasks", Integer.MAX_VALUE)) {
            missing.remove(task.path("id").asText());
        }
        missing.forEach(task -> faults.add("task " + task + " was accepted and did not succeed"));
    }

    private void summary() {
        say("");
        say("Summary");
        say(
                "  tasks      %d accepted, %d of them succeeded",
                ledger.accepted.get(), ledger.accepted.get() - faults.size());
        say(
                "  received   %s after submit (repeated attempts and the node's absence included)",
                DemoView.quantiles(ledger.submitToReceived));
        say("  done       %s after submit", DemoView.quantiles(ledger.submitToDone));
        say(
                "  recovered  from %d cut connections, %d crashed agents, %d failed attempts",
                ledger.connectionsCut.get(), ledger.agentsCrashed.get(), ledger.attemptsFailed.get());
        if (ledger.nodeKills.get() > 0) {
            say(
                    "             and from kill -9 of the node: ready again after %.1f s, %d submits repeated meanwhile",
                    ledger.nodeBackMillis.get() / 1000.0, ledger.submitsRepeated.get());
        }
        faults.stream().limit(10).forEach(fault -> say("  FAULT      %s", fault));
        say(faults.isEmpty() ? "Nothing was lost." : "%d faults.".formatted(faults.size()));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(directory)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
