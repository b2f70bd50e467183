package io.signalbox.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.config.Secret;
import io.signalbox.load.report.Machine;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "rollout",
        description = {
            "Roll a definition out over a fleet of agents that works: a canary that fails half of its tasks has to be rolled back",
            "without hands, and a version that all agents have has to be taken back at once. Then each task is audited.",
            "Exit code 1 when a task was lost, or something took longer than it may."
        },
        mixinStandardHelpOptions = true)
final class RolloutCommand implements Callable<Integer> {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration END_PATIENCE = Duration.ofMinutes(5);
    private static final Duration CATCH_PATIENCE = Duration.ofMinutes(2);
    private static final Duration BACK_PATIENCE = Duration.ofSeconds(1);
    private static final String PATH = "/v1/definitions/" + RolloutFleet.DEFINITION;
    private static final int FAULTS_SHOWN = 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--agents", defaultValue = "10000", description = "How many. Default: ${DEFAULT-VALUE}.")
    private int agents;

    @Option(
            names = "--connections",
            defaultValue = "100",
            description = "How many the agents share. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(names = "--rate", defaultValue = "200", description = "Tasks per second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--share",
            defaultValue = "0.05",
            description = "Which part of the agents is given the canary. Default: ${DEFAULT-VALUE}.")
    private double share;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description = "How long all agents have the version that is taken back. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(names = "--kill", description = "Kill the node with SIGKILL while the canary is judged.")
    private boolean kill;

    private final TaskLedger ledger = new TaskLedger();
    private final RolloutFleet fleet = new RolloutFleet(ledger);

    @Override
    public Integer call() throws IOException, InterruptedException, ApiException, LoadException {
        new Least(spec, 1)
                .check("--agents", agents)
                .check("--connections", connections)
                .check("--rate", rate)
                .check("--seconds", seconds);
        Path home = Files.createTempDirectory("signalbox-load");
        say("%s", Machine.describe());
        boolean good;
        try (NodeProcess node = new NodeProcess(home, Map.of("node.capacity", Integer.toString(agents + 100)))) {
            node.start(START_PATIENCE);
            try (ApiClient client = new ApiClient(URI.create(node.url()), new Secret(""))) {
                good = run(node, client);
            } finally {
                fleet.close();
            }
        }
        if (good) {
            Directories.delete(home);
        }
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private boolean run(NodeProcess node, ApiClient client)
            throws InterruptedException, IOException, ApiException, LoadException {
        for (String version : List.of(RolloutFleet.GOOD, RolloutFleet.FAILING, RolloutFleet.OTHER)) {
            client.post("/v1/definitions", RolloutFleet.document(version), Map.of());
        }
        long begin = System.nanoTime();
        fleet.connect(node.url(), agents, connections);
        say("%d agents on %d connections after %.1f s", agents, connections, seconds(begin));
        boolean caught;
        boolean back;
        try (PacedSubmits submits = new PacedSubmits(new TaskSubmitter(client, ledger), ledger, rate)) {
            caught = catchCanary(node, client);
            back = takeBack(client);
            submits.stop();
            say("%d tasks accepted, %d attempts failed by agents", ledger.acceptedCount(), fleet.failed());
        }
        awaitNoneOpen(client);
        TaskAudit audit = new TaskAudit(client, ledger);
        List<String> faults = audit.faults();
        faults.stream().limit(FAULTS_SHOWN).forEach(fault -> say("FAULT %s", fault));
        say("audit: %d tasks, %d assignments, %d faults", ledger.acceptedCount(), audit.attempts(), faults.size());
        return caught && back && faults.isEmpty();
    }

    private boolean catchCanary(NodeProcess node, ApiClient client)
            throws InterruptedException, IOException, ApiException {
        ObjectNode start = decision(client).put("version", RolloutFleet.FAILING).put("share", share);
        long begin = System.nanoTime();
        long number = client.post(PATH + "/rollouts", start, Map.of())
                .at("/rollout/number")
                .asLong();
        if (kill) {
            killOnceItHasEvidence(node, client, number);
        }
        JsonNode rollout;
        do {
            Thread.sleep(20);
            rollout = client.get(PATH + "/rollouts/" + number);
        } while (rollout.path("state").asText().equals("running") && seconds(begin) < CATCH_PATIENCE.toSeconds());
        double took = seconds(begin);
        JsonNode evidence = client.get(PATH + "/rollouts/" + number + "/evidence");
        long decisions = rollbacks(client, number);
        say(
                "canary that fails half of its tasks, on %.1f %% of the agents: %s after %.1f s by %d decision; it failed %d of"
                        + " %d, stable %d of %d, p %.1e",
                share * 100,
                rollout.path("state").asText(),
                took,
                decisions,
                evidence.at("/errors/canary/hits").asLong(),
                evidence.at("/errors/canary/trials").asLong(),
                evidence.at("/errors/stable/hits").asLong(),
                evidence.at("/errors/stable/trials").asLong(),
                evidence.at("/errors/pValue").asDouble());
        return rollout.path("state").asText().equals("rolled_back") && decisions == 1;
    }

    private void killOnceItHasEvidence(NodeProcess node, ApiClient client, long number)
            throws InterruptedException, IOException, ApiException {
        JsonNode evidence;
        do {
            Thread.sleep(10);
            evidence = client.get(PATH + "/rollouts/" + number + "/evidence");
        } while (evidence.path("strata").asLong() == 0);
        node.kill();
        Duration back = node.start(START_PATIENCE);
        say(
                "kill -9 of the node with %s, state %s; ready again after %d ms",
                evidence.path("canary"), evidence.path("state").asText(), back.toMillis());
    }

    private static long rollbacks(ApiClient client, long number) throws ApiException {
        long rollbacks = 0;
        for (JsonNode move : client.get(PATH + "/channels/history").path("moves")) {
            boolean back = move.path("action").asText().equals("rollback");
            rollbacks += back && move.path("rollout").asLong() == number ? 1 : 0;
        }
        return rollbacks;
    }

    /** A version that all agents have. */
    private boolean takeBack(ApiClient client) throws InterruptedException, ApiException {
        long asked = move(client, RolloutFleet.OTHER);
        double all = untilAllHave(RolloutFleet.OTHER, asked);
        say("stable moved forward: all %d agents told after %.2f s", agents, all);
        Thread.sleep(Duration.ofSeconds(seconds));
        asked = move(client, RolloutFleet.GOOD);
        double answered = seconds(asked);
        double told = untilAllHave(RolloutFleet.GOOD, asked);
        Thread.sleep(BACK_PATIENCE.multipliedBy(2));
        double last = Math.max(0, (fleet.lastOf(RolloutFleet.OTHER) - asked) / 1e9);
        say(
                "stable moved back: answered after %.0f ms, last new assignment of the version taken back after %.0f ms, all"
                        + " %d agents told after %.2f s",
                answered * 1000, last * 1000, agents, told);
        return last < BACK_PATIENCE.toSeconds();
    }

    private long move(ApiClient client, String version) throws ApiException {
        ObjectNode decision = decision(client).put("version", version);
        long asked = System.nanoTime();
        client.post(PATH + "/channels/stable", decision, Map.of());
        return asked;
    }

    private static ObjectNode decision(ApiClient client) throws ApiException {
        long revision = client.get(PATH + "/channels").path("revision").asLong();
        return JsonNodeFactory.instance.objectNode().put("revision", revision).put("why", "load test");
    }

    private double untilAllHave(String version, long since) throws InterruptedException {
        while (fleet.agentsWith(version) < agents && seconds(since) < CATCH_PATIENCE.toSeconds()) {
            Thread.sleep(10);
        }
        return seconds(since);
    }

    private void awaitNoneOpen(ApiClient client) throws InterruptedException, ApiException {
        long end = System.nanoTime() + END_PATIENCE.toNanos();
        while (open(client) > 0 && System.nanoTime() < end) {
            Thread.sleep(200);
        }
    }

    private static long open(ApiClient client) throws ApiException {
        JsonNode open = client.get("/agents/health").path("tasks");
        return open.path("queued").asLong()
                + open.path("assigned").asLong()
                + open.path("backingOff").asLong();
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.formatted(arguments));
        out.flush();
    }
}
