package io.signalbox.load.queues;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.config.Secret;
import io.signalbox.load.Directories;
import io.signalbox.load.Least;
import io.signalbox.load.LoadException;
import io.signalbox.load.report.Machine;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "queues",
        description = {
            "Tasks at a fixed rate through a cluster with the whole reference fleet attached, in turns with other queues on the",
            "same PostgreSQL and Redis: from when a task should be submitted until a worker has it. Exit code 1 when one is lost."
        },
        mixinStandardHelpOptions = true)
public final class QueuesCommand implements Callable<Integer> {
    private static final Duration BULK = Duration.ofMillis(10);
    private static final int CONCURRENCY = 100;
    private static final int WARM_UP_STEPS = 4;
    private static final int WARM_UP_OF_OTHERS = 10;

    @Spec
    private CommandSpec spec;

    @Option(names = "--nodes", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(names = "--agents", defaultValue = "30000", description = "Of 20 types. Default: ${DEFAULT-VALUE}.")
    private int agents;

    @Option(
            names = "--connections",
            defaultValue = "300",
            description = "How many the agents share. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(names = "--rate", defaultValue = "5000", description = "Tasks per second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(names = "--seconds", defaultValue = "20", description = "Of each repetition. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "60",
            description = "Seconds before the first one, faster and faster, not counted. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--repetitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(names = "--payload", defaultValue = "200", description = "Bytes of each task. Default: ${DEFAULT-VALUE}.")
    private int payload;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "signalbox,pg-boss,graphile-worker,bullmq",
            description = "Which, in what order. Default: ${DEFAULT-VALUE}.")
    private List<String> peers = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException, ApiException, LoadException {
        new Least(spec, 1)
                .check("--nodes", nodes)
                .check("--agents", agents)
                .check("--connections", connections)
                .check("--rate", rate)
                .check("--seconds", seconds)
                .check("--repetitions", repetitions);
        new Least(spec, 0).check("--warm-up", warmUp).check("--payload", payload);
        Path home = Files.createTempDirectory("signalbox-queues");
        say("%s", Machine.describe());
        boolean good;
        try (QueueCluster cluster = QueueCluster.start(home, nodes, agents)) {
            good = run(cluster, home);
        }
        if (good) {
            Directories.delete(home);
        } else {
            say("THE RUN FAILED. Logs are in %s", home);
        }
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private boolean run(QueueCluster cluster, Path home)
            throws IOException, InterruptedException, ApiException, LoadException {
        List<String> others = peers.stream().filter(OtherQueue.NAMES::contains).toList();
        if (!others.isEmpty() && !OtherQueue.isPossible()) {
            say("Skipped %s: there is no npm (apt install npm).", String.join(", ", others));
            others = List.of();
        }
        OtherQueue queues = new OtherQueue(home.resolve("queues"));
        if (!others.isEmpty()) {
            queues.install();
        }
        ReferenceFleet fleet = ReferenceFleet.scaledTo(agents);
        List<ApiClient> clients = new ArrayList<>();
        cluster.urls().forEach(url -> clients.add(new ApiClient(URI.create(url), new Secret(""))));
        try {
            publish(clients.getFirst(), fleet);
            TaskPump pump = new TaskPump(clients, fleet, payload);
            try (WorkerFleet workers = new WorkerFleet(pump::received)) {
                long begin = System.nanoTime();
                workers.connect(cluster.urls(), fleet, connections);
                say(
                        "%d agents of %d types on %d connections to %d nodes after %.1f s; %d tasks/s, %d s, %d B besides the input",
                        agents,
                        fleet.types().size(),
                        connections,
                        nodes,
                        (System.nanoTime() - begin) / 1e9,
                        rate,
                        seconds,
                        payload);
                return takeTurns(cluster, pump, queues, others);
            }
        } finally {
            clients.forEach(ApiClient::close);
        }
    }

    private static void publish(ApiClient client, ReferenceFleet fleet) throws ApiException, IOException {
        for (AgentType type : fleet.types()) {
            client.post("/v1/definitions", new ObjectMapper().readTree(type.document()), Map.of());
        }
    }

    private boolean takeTurns(QueueCluster cluster, TaskPump pump, OtherQueue queues, List<String> others)
            throws IOException, InterruptedException, LoadException {
        say("");
        say(
                "%-16s %9s %9s %9s %9s %9s   CPU us a task: %s",
                "", "tasks/s", "lost", "p50 ms", "p99 ms", "max ms", "queue, stores");
        boolean good = true;
        if (peers.contains("signalbox")) {
            warmUp(pump);
        }
        for (int i = 0; i < repetitions; i++) {
            for (String peer : peers) {
                if (peer.equals("signalbox")) {
                    good &= ours(cluster, pump);
                } else if (others.contains(peer)) {
                    other(cluster, queues, peer);
                }
            }
        }
        pump.faults().stream().limit(10).forEach(fault -> say("FAULT %s", fault));
        return good && pump.faults().isEmpty();
    }

    /** Faster and faster: nodes that are cold would be left with more than they can do for a while. */
    private void warmUp(TaskPump pump) throws InterruptedException {
        for (int part = WARM_UP_STEPS; part >= 1; part--) {
            pump.run(Math.max(1, rate / part), Math.max(1, warmUp / WARM_UP_STEPS), BULK);
        }
    }

    private boolean ours(QueueCluster cluster, TaskPump pump) throws InterruptedException {
        QueueCluster.Usage before = cluster.usage();
        TaskPump.Outcome outcome = pump.run(rate, seconds, BULK);
        QueueCluster.Usage used = cluster.usage().since(before);
        row(
                "signalbox",
                outcome.received() / outcome.seconds(),
                outcome.submitted() - outcome.received(),
                outcome.latency().getValueAtPercentile(50) / 1000.0,
                outcome.latency().getValueAtPercentile(99) / 1000.0,
                outcome.latency().getMaxValue() / 1000.0,
                used.nodes() * 1e6 / outcome.submitted(),
                used.stores() * 1e6 / outcome.submitted());
        say(
                "%-16s accepted: p50 %.1f, p99 %.1f ms; %d received again",
                "",
                outcome.accepted().getValueAtPercentile(50) / 1000.0,
                outcome.accepted().getValueAtPercentile(99) / 1000.0,
                outcome.repeated());
        return outcome.received() == outcome.submitted();
    }

    private void other(QueueCluster cluster, OtherQueue queues, String name)
            throws IOException, InterruptedException, LoadException {
        Map<String, String> settings = Map.of(
                "PG_URL", cluster.postgresUrl(),
                "REDIS_URL", cluster.redisUrl(),
                "RATE", Integer.toString(rate),
                "DURATION", Integer.toString(seconds),
                "WARM_UP", Integer.toString(WARM_UP_OF_OTHERS),
                "BULK_MS", Long.toString(BULK.toMillis()),
                "CONCURRENCY", Integer.toString(CONCURRENCY),
                "PAYLOAD", Integer.toString(payload));
        JsonNode outcome = queues.run(name, settings, WARM_UP_OF_OTHERS + seconds);
        row(
                name,
                outcome.path("received").asLong() / outcome.path("seconds").asDouble(),
                outcome.path("submitted").asLong() - outcome.path("received").asLong(),
                outcome.path("p50").asDouble(),
                outcome.path("p99").asDouble(),
                outcome.path("max").asDouble(),
                outcome.path("cpuSeconds").asDouble()
                        * 1e6
                        / outcome.path("submitted").asLong(),
                Double.NaN);
    }

    private void row(
            String name, double perSecond, long lost, double p50, double p99, double max, double cpu, double stores) {
        say(
                "%-16s %9.0f %9d %9.1f %9.1f %9.1f   %s",
                name,
                perSecond,
                lost,
                p50,
                p99,
                max,
                Double.isNaN(stores) ? "%.0f".formatted(cpu) : "%.0f, %.0f".formatted(cpu, stores));
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(arguments.length == 0 ? format : format.formatted(arguments));
        out.flush();
    }
}
