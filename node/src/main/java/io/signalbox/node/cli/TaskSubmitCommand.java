package io.signalbox.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.client.TaskFollower;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "submit",
        description = "Submit a task for an agent with a skill.",
        footer = {"", "Example:", "  signalbox task submit --skill text.summary --input @text.json --wait"})
final class TaskSubmitCommand implements Callable<Integer> {
    /** Half a second each: a node that is started again is back by then. */
    private static final int PATIENCE = 120;

    private static final Range PRIORITIES = new Range(0, 9);
    private static final Range ATTEMPTS = new Range(1, 100);

    @Mixin
    private NodeOptions node;

    @Spec
    private CommandSpec spec;

    @Option(names = "--skill", required = true, paramLabel = "NAME", description = "What the agent must be able to do.")
    private String skill;

    @Option(names = "--version", paramLabel = "RANGE", description = "Versions of the skill that will do: ^1.2; any.")
    private Optional<String> versionRange = Optional.empty();

    @Option(names = "--input", paramLabel = "JSON", description = "The input: JSON, @FILE, or - for standard input.")
    private Optional<String> input = Optional.empty();

    @Option(names = "--priority", paramLabel = "0..9", description = "9 is the most urgent; else 5.")
    private Optional<Integer> priority = Optional.empty();

    @Option(
            names = "--deadline",
            paramLabel = "WHEN",
            description = "From now (90s, 10m, 1h30m) or a time (2030-01-31T12:00:00Z).")
    private Optional<String> deadline = Optional.empty();

    @Option(
            names = "--not-before",
            paramLabel = "WHEN",
            description = "It waits for an agent from then on; given as --deadline is.")
    private Optional<String> notBefore = Optional.empty();

    @Option(
            names = "--requires",
            paramLabel = "ID",
            description = "A task that has to succeed first; may be given several times.")
    private List<String> requires = List.of();

    @Option(
            names = "--on-requirement-lost",
            paramLabel = "fail|cancel|run",
            description = "What becomes of it when a required task does not succeed; else fail.")
    private Optional<String> onRequirementLost = Optional.empty();

    @Option(names = "--approval", description = "Somebody has to approve of it first.")
    private boolean approval;

    @Option(names = "--parent", paramLabel = "ID", description = "The open task that it is a part of.")
    private Optional<String> parent = Optional.empty();

    @Option(
            names = "--budget",
            paramLabel = "LIMIT=NUMBER",
            description = "What the task and all below it may use: tokens, costMicros, depth, width.")
    private Map<String, Long> budget = new LinkedHashMap<>();

    @Option(names = "--tenant", paramLabel = "NAME", description = "Whose share of the agents it takes; else your own.")
    private Optional<String> tenant = Optional.empty();

    @Option(names = "--max-attempts", paramLabel = "1..100", description = "Else allocation.max-attempts of the node.")
    private Optional<Integer> maxAttempts = Optional.empty();

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description = "The same key and task again give the task of the first time.")
    private Optional<String> idempotencyKey = Optional.empty();

    @Option(names = "--label", paramLabel = "NAME=VALUE", description = "May be given several times.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--fail-fast", description = "Refuse the task now when no agent has the skill.")
    private boolean failFast;

    @Option(names = "--wait", description = "Follow the task until it ends; exit code 1 unless it succeeded.")
    private boolean wait;

    @Override
    public Integer call() throws ApiException, InterruptedException {
        ObjectNode request = request(Instant.now());
        try (ApiClient client = node.client()) {
            // With a key the request can be repeated when the node cannot store it at the moment.
            String key = idempotencyKey.orElseGet(() -> UUID.randomUUID().toString());
            JsonNode task = client.post("/v1/tasks", request, Map.of(ApiClient.IDEMPOTENCY_KEY, key));
            return wait ? follow(client, task) : print(task, ExitCode.OK);
        }
    }

    private int follow(ApiClient client, JsonNode submitted) throws ApiException, InterruptedException {
        TaskProgress progress = new TaskProgress(spec.commandLine().getErr());
        progress.explain(submitted);
        String id = submitted.path("id").asText();
        JsonNode task = new TaskFollower(client, id, PATIENCE).untilEnd(progress::show);
        boolean succeeded = task.path("state").asText().equals("succeeded");
        return print(task, succeeded ? ExitCode.OK : ExitCode.SOFTWARE);
    }

    private int print(JsonNode task, int exitCode) {
        node.output().one(task);
        return exitCode;
    }

    private ObjectNode request(Instant now) {
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("skill", skill);
        versionRange.ifPresent(range -> request.put("versionRange", range));
        input.ifPresent(text -> request.set("input", JsonArgument.read(text)));
        priority.ifPresent(number -> request.put("priority", PRIORITIES.check("--priority", number)));
        deadline.ifPresent(text ->
                request.put("deadline", Deadline.parse("--deadline", text, now).toString()));
        maxAttempts.ifPresent(number -> request.put("maxAttempts", ATTEMPTS.check("--max-attempts", number)));
        if (!labels.isEmpty()) {
            labels.forEach(request.putObject("labels")::put);
        }
        if (failFast) {
            request.put("failFast", true);
        }
        tenant.ifPresent(name -> request.put("tenant", name));
        plan(request, now);
        return request;
    }

    private void plan(ObjectNode request, Instant now) {
        notBefore.ifPresent(text -> request.put(
                "notBefore", Deadline.parse("--not-before", text, now).toString()));
        if (!requires.isEmpty()) {
            requires.forEach(request.putArray("requires")::add);
        }
        onRequirementLost.ifPresent(what -> request.put("onRequirementLost", what));
        if (approval) {
            request.put("approval", true);
        }
        parent.ifPresent(id -> request.put("parent", id));
        if (!budget.isEmpty()) {
            budget.forEach(request.putObject("budget")::put);
        }
    }
}
