package io.signalbox.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.config.Secret;
import io.signalbox.load.report.Machine;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "tasks-rate",
        description = {
            "Submit tasks over HTTP at a fixed rate: until accepted, received by an agent, and done as its events tell.",
            "Open loop: each time counts from when the task should have been sent. Exit code 1 when one is not done."
        },
        mixinStandardHelpOptions = true)
final class TasksRateCommand implements Callable<Integer> {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(10);
    private static final long HIGHEST_MICROS = Duration.ofMinutes(1).toNanos() / 1000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--rate", defaultValue = "50", description = "Tasks per second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(names = "--seconds", defaultValue = "20", description = "Of each repetition. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "20",
            description = "Seconds before the first, not counted. Default: ${DEFAULT-VALUE}.")
    private int warmUpSeconds;

    @Option(names = "--repetitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(names = "--agents", defaultValue = "300", description = "Default: ${DEFAULT-VALUE}.")
    private int agents;

    /** When the task with this number should have been sent, in nanoseconds. */
    private final Map<Integer, Long> intended = new ConcurrentHashMap<>();

    private final AtomicInteger numbers = new AtomicInteger();
    private volatile Histogram received = histogram();
    private volatile Histogram accepted = histogram();
    private volatile Histogram done = histogram();
    private volatile Histogram late = histogram();

    private static Histogram histogram() {
        return new ConcurrentHistogram(HIGHEST_MICROS, 3);
    }

    /** One repetition. */
    private record Result(Histogram accepted, Histogram received, Histogram done, Histogram late, long lost) {
        double receivedMillis(double percentile) {
            return received.getValueAtPercentile(percentile) / 1000.0;
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        new Least(spec, 1)
                .check("--rate", rate)
                .check("--seconds", seconds)
                .check("--repetitions", repetitions)
                .check("--agents", agents);
        new Least(spec, 0).check("--warm-up", warmUpSeconds);
        Path home = Files.createTempDirectory("signalbox-load");
        try (NodeProcess node = new NodeProcess(home, Map.of())) {
            node.start(START_PATIENCE);
            say("%s", Machine.describe());
            say(
                    "%d agents, %d tasks/s, %d s warm-up, then %d times %d s",
                    agents, rate, warmUpSeconds, repetitions, seconds);
            List<Result> results = run(node);
            print(results);
            boolean good = results.stream().allMatch(result -> result.lost() == 0);
            if (!good) {
                say("THE RUN FAILED: tasks were not done");
            }
            return good ? ExitCode.OK : ExitCode.SOFTWARE;
        } finally {
            Directories.delete(home);
        }
    }

    private List<Result> run(NodeProcess node) throws InterruptedException {
        List<Result> results = new ArrayList<>();
        try (AgentFleet fleet = AgentFleet.connect(node.url(), agents, 2, this::receive);
                ApiClient client = new ApiClient(URI.create(node.url()), new Secret(""))) {
            repeat(client, warmUpSeconds);
            for (int i = 0; i < repetitions; i++) {
                results.add(repeat(client, seconds));
            }
        }
        return results;
    }

    private Payload receive(Assignment assignment) {
        int number = Integer.parseInt(assignment.input().text());
        Long due = intended.remove(number);
        if (due != null) {
            record(received, due);
        }
        return Payload.EMPTY;
    }

    private Result repeat(ApiClient client, int duration) throws InterruptedException {
        received = histogram();
        accepted = histogram();
        done = histogram();
        late = histogram();
        long begin = System.nanoTime();
        long interval = 1_000_000_000L / rate;
        int tasks = rate * duration;
        for (int i = 0; i < tasks; i++) {
            long due = begin + i * interval;
            waitUntil(due);
            late.recordValue(Math.min(HIGHEST_MICROS, Math.max(0, System.nanoTime() - due) / 1000));
            int number = numbers.incrementAndGet();
            intended.put(number, due);
            Thread.ofVirtual().start(() -> submit(client, number, due));
        }
        long end = System.nanoTime() + LAST_PATIENCE.toNanos();
        while (done.getTotalCount() < tasks && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        intended.clear();
        return new Result(accepted, received, done, late, tasks - done.getTotalCount());
    }

    private static void waitUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void submit(ApiClient client, int number, long due) {
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put("skill", AgentFleet.SKILL)
                .put("input", number);
        try {
            String task = client.post("/v1/tasks", request, Map.of()).path("id").asText();
            record(accepted, due);
            // Read to their end, which is when the task has ended: so the connection can be used again.
            client.events("/v1/tasks/" + task + "/events", "", event -> {
                if (event.type().equals("succeeded")) {
                    record(done, due);
                }
                return true;
            });
        } catch (ApiException e) {
            say("A task failed: %s", e.getMessage());
        }
    }

    private static void record(Histogram histogram, long due) {
        histogram.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - due) / 1000));
    }

    private void print(List<Result> results) {
        say("");
        say("submit to                p50 ms   p90 ms   p99 ms   max ms   tasks   generator late p99 ms");
        for (Result result : results) {
            row("202, committed", result.accepted(), result.late());
            row("received by agent", result.received(), result.late());
            row("done, told by events", result.done(), result.late());
        }
        List<Result> byP99 = results.stream()
                .sorted(Comparator.comparingDouble(result -> result.receivedMillis(99)))
                .toList();
        Result median = byP99.get(byP99.size() / 2);
        say(
                "median of %d repetitions, submit to received: p50 %.2f ms, p99 %.2f ms (p99 from %.2f to %.2f)",
                results.size(),
                median.receivedMillis(50),
                median.receivedMillis(99),
                byP99.getFirst().receivedMillis(99),
                byP99.getLast().receivedMillis(99));
    }

    private void row(String what, Histogram histogram, Histogram lateness) {
        say(
                "%-22s %8.2f %8.2f %8.2f %8.2f %7d   %8.2f",
                what,
                histogram.getValueAtPercentile(50) / 1000.0,
                histogram.getValueAtPercentile(90) / 1000.0,
                histogram.getValueAtPercentile(99) / 1000.0,
                histogram.getMaxValue() / 1000.0,
                histogram.getTotalCount(),
                lateness.getValueAtPercentile(99) / 1000.0);
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(arguments.length == 0 ? format : format.formatted(arguments));
        out.flush();
    }
}
