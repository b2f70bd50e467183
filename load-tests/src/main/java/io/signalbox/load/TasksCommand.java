package io.signalbox.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.config.Secret;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.process.NodeProcess;
import io.signalbox.sdk.Assignment;
import io.signalbox.sdk.Payload;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "tasks",
        description = {
            "Submit tasks to one node while it is killed with SIGKILL or its store hangs, then audit each:",
            "completed exactly once, by its last token, none lost. Exit code 1 when the audit finds a fault."
        },
        mixinStandardHelpOptions = true)
final class TasksCommand implements Callable<Integer> {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration END_PATIENCE = Duration.ofMinutes(5);
    private static final int FAULTS_SHOWN = 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--tasks", defaultValue = "10000", description = "How many. Default: ${DEFAULT-VALUE}.")
    private int tasks;

    @Option(
            names = "--agents",
            defaultValue = "300",
            description = "How many, each on a connection of its own. Default: ${DEFAULT-VALUE}.")
    private int agents;

    @Option(
            names = "--kills",
            defaultValue = "3",
            description = "How often the node is killed. Default: ${DEFAULT-VALUE}.")
    private int kills;

    @Option(
            names = "--outage",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description =
                    "How long the node's PostgreSQL hangs (SIGSTOP), once, after the kills. Default: ${DEFAULT-VALUE}.")
    private int outageSeconds;

    @Option(
            names = "--submitters",
            defaultValue = "32",
            description = "Submits under way at once. Default: ${DEFAULT-VALUE}.")
    private int submitters;

    @Option(
            names = "--work",
            defaultValue = "300",
            description = "Longest simulated work on a task, in ms. Default: ${DEFAULT-VALUE}.")
    private int workMillis;

    @Option(
            names = "--directory",
            description = "For data and logs, kept. Default: a temporary one, deleted after a good run.")
    private Optional<Path> directory = Optional.empty();

    private final TaskLedger ledger = new TaskLedger();
    private final List<Duration> restarts = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException, ApiException {
        new Least(spec, 1).check("--tasks", tasks).check("--agents", agents).check("--submitters", submitters);
        new Least(spec, 0)
                .check("--kills", kills)
                .check("--outage", outageSeconds)
                .check("--work", workMillis);
        Path home = directory.isPresent() ? directory.get() : Files.createTempDirectory("signalbox-load");
        boolean good;
        try (NodeProcess node = new NodeProcess(home, Map.of())) {
            say("Node in %s", home);
            say("ready after %d ms", node.start(START_PATIENCE).toMillis());
            good = run(node);
        }
        if (good && directory.isEmpty()) {
            Directories.delete(home);
        }
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private boolean run(NodeProcess node) throws InterruptedException, IOException, ApiException {
        try (AgentFleet fleet = AgentFleet.connect(node.url(), agents, 2, this::work);
                ApiClient client = new ApiClient(URI.create(node.url()), new Secret(""))) {
            say("%d agents attached", fleet.connected());
            long begin = System.nanoTime();
            ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
            List<Thread> threads = startSubmitters(client, failures);
            int steps = kills + (outageSeconds > 0 ? 1 : 0);
            for (int kill = 1; kill <= kills; kill++) {
                awaitAccepted(tasks * kill / (steps + 1), threads);
                killAndStart(node, kill);
            }
            if (outageSeconds > 0) {
                awaitAccepted(tasks * steps / (steps + 1), threads);
                hangStore(node);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            say("all submitted after %.1f s", seconds(begin));
            awaitNoneOpen(client);
            double total = seconds(begin);
            say("all ended after %.1f s: %.0f tasks/s, restarts included", total, tasks / total);
            failures.forEach(failure -> say("A submitter failed: %s", failure));
            return audit(client) && failures.isEmpty();
        }
    }

    /** Simulated: waits a random time. */
    private Payload work(Assignment assignment) throws InterruptedException {
        ledger.received();
        Thread.sleep(ThreadLocalRandom.current().nextInt(workMillis + 1));
        ledger.finished(assignment.task(), assignment.fencingToken());
        return Payload.json("{\"done\":true}");
    }

    private List<Thread> startSubmitters(ApiClient client, ConcurrentLinkedQueue<Throwable> failures) {
        TaskSubmitter submitter = new TaskSubmitter(client, ledger);
        AtomicInteger next = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < submitters; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int n = next.getAndIncrement(); n < tasks; n = next.getAndIncrement()) {
                        String task = submitter.submit("load-" + n, n);
                        if (!ledger.accepted(task)) {
                            failures.add(new IllegalStateException("two keys got task " + task));
                        }
                    }
                } catch (ApiException | InterruptedException e) {
                    failures.add(e);
                }
            }));
        }
        return threads;
    }

    private void awaitAccepted(int count, List<Thread> threads) throws InterruptedException {
        while (ledger.acceptedCount() < count && threads.stream().anyMatch(Thread::isAlive)) {
            Thread.sleep(5);
        }
    }

    private void killAndStart(NodeProcess node, int kill) throws IOException, InterruptedException {
        int accepted = ledger.acceptedCount();
        node.kill();
        Duration back = node.start(START_PATIENCE);
        restarts.add(back);
        say("kill -9 number %d after %d accepted tasks; ready again after %d ms", kill, accepted, back.toMillis());
    }

    private void hangStore(NodeProcess node) throws IOException, InterruptedException {
        long refusedBefore = ledger.refusedSubmitCount();
        say("PostgreSQL hangs for %d s after %d accepted tasks", outageSeconds, ledger.acceptedCount());
        StoreOutage.last(node.pid(), Duration.ofSeconds(outageSeconds));
        say(
                "PostgreSQL goes on; %d tasks accepted, %d submits refused meanwhile",
                ledger.acceptedCount(), ledger.refusedSubmitCount() - refusedBefore);
    }

    private void awaitNoneOpen(ApiClient client) throws InterruptedException, ApiException {
        long end = System.nanoTime() + END_PATIENCE.toNanos();
        while (open(client) > 0) {
            if (System.nanoTime() > end) {
                say("%d tasks are still open after %s", open(client), END_PATIENCE);
                return;
            }
            Thread.sleep(200);
        }
    }

    private static long open(ApiClient client) throws ApiException {
        JsonNode open = client.get("/agents/health").path("tasks");
        return open.path("queued").asLong()
                + open.path("assigned").asLong()
                + open.path("backingOff").asLong();
    }

    private boolean audit(ApiClient client) throws InterruptedException {
        TaskAudit audit = new TaskAudit(client, ledger);
        List<String> faults = audit.faults();
        faults.stream().limit(FAULTS_SHOWN).forEach(fault -> say("FAULT %s", fault));
        say("");
        say("accepted            %d of %d", ledger.acceptedCount(), tasks);
        say("submits refused     %d (and repeated with the same key until accepted)", ledger.refusedSubmitCount());
        say("assignments         %d", audit.attempts());
        say("received by agents  %d", ledger.receivedCount());
        say(
                "finished twice      %d (by agents, under different tokens; only the last one counted)",
                ledger.workedMoreThanOnce());
        say(
                "kill -9             %d, ready again after %s ms",
                kills, restarts.stream().map(Duration::toMillis).toList());
        say("faults              %d", faults.size());
        boolean good = faults.isEmpty() && ledger.acceptedCount() == tasks;
        say(good ? "Every accepted task was completed exactly once by token, none lost." : "THE RUN FAILED.");
        return good;
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(arguments.length == 0 ? format : format.formatted(arguments));
        out.flush();
    }
}
