package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskCommandTest {
    private static final String ACCEPTED = "{\"id\":\"t1\",\"state\":\"queued\",\"labels\":{}}";

    @TempDir
    Path directory;

    private FakeNode node;

    @BeforeEach
    void start() throws IOException {
        node = new FakeNode();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void shouldSendOnlyWhatIsGivenWhenSubmitting() throws Exception {
        node.answer("POST /v1/tasks", 202, ACCEPTED);

        CommandRun run = run("task", "submit", "--skill", "s");

        assertThat(run.exitCode()).isZero();
        assertThat(sent()).isEqualTo(json("{\"skill\":\"s\"}"));
        assertThat(node.onlyRequest().header("idempotency-key"))
                .as("so that it can be repeated")
                .isPresent();
    }

    @Test
    void shouldSendEverythingThatIsGivenWhenSubmitting() throws Exception {
        node.answer("POST /v1/tasks", 202, ACCEPTED);

        CommandRun run = run(
                "task",
                "submit",
                "--skill",
                "s",
                "--version",
                "^1.2",
                "--input",
                "{\"a\":[1,null]}",
                "--priority",
                "9",
                "--deadline",
                "2030-01-31T12:00:00Z",
                "--max-attempts",
                "5",
                "--idempotency-key",
                "k 1",
                "--label",
                "team=red",
                "--label",
                "run=7",
                "--fail-fast");

        assertThat(run.exitCode()).isZero();
        assertThat(sent()).isEqualTo(json("""
                        {"skill":"s","versionRange":"^1.2","input":{"a":[1,null]},"priority":9,
                         "deadline":"2030-01-31T12:00:00Z","maxAttempts":5,"labels":{"team":"red","run":"7"},
                         "failFast":true}"""));
        assertThat(node.onlyRequest().header("idempotency-key")).contains("k 1");
    }

    @Test
    void shouldCountTheDeadlineFromNowWhenItIsADuration() throws Exception {
        node.answer("POST /v1/tasks", 202, ACCEPTED);
        Instant before = Instant.now();

        run("task", "submit", "--skill", "s", "--deadline", "1h");

        assertThat(Instant.parse(sent().path("deadline").asText()))
                .isBetween(before.plusSeconds(3600), Instant.now().plusSeconds(3600));
    }

    @Test
    void shouldReadTheInputFromAFile() throws Exception {
        node.answer("POST /v1/tasks", 202, ACCEPTED);
        Path file = Files.writeString(directory.resolve("input.json"), "\n {\"topic\": \"bees\"}\n");

        run("task", "submit", "--skill", "s", "--input", "@" + file);

        assertThat(sent().path("input")).isEqualTo(json("{\"topic\":\"bees\"}"));
    }

    @Test
    void shouldAskNobodyWhenTheInputIsUnusable() throws Exception {
        Path broken = Files.writeString(directory.resolve("broken.json"), "{\n\"a\":}");

        assertUsage(run("task", "submit", "--skill", "s", "--input", "{"), "No JSON: \"{\"");
        assertUsage(run("task", "submit", "--skill", "s", "--input", "{} x"), "No JSON");
        assertUsage(run("task", "submit", "--skill", "s", "--input", ""), "is empty");
        assertUsage(run("task", "submit", "--skill", "s", "--input", "@" + broken), "broken.json, line 2, column 5");
        assertUsage(run("task", "submit", "--skill", "s", "--input", "@/nowhere.json"), "cannot be read: no such file");
        assertUsage(run("task", "submit", "--skill", "s", "--deadline", "soon"), "--deadline \"soon\": expected");
        assertUsage(run("task", "submit", "--skill", "s", "--priority", "high"), "--priority");
        assertUsage(run("task", "submit", "--skill", "s", "--priority", "10"), "--priority 10: expected 0 to 9");
        assertUsage(run("task", "submit", "--skill", "s", "--priority", "-1"), "--priority -1: expected 0 to 9");
        assertUsage(
                run("task", "submit", "--skill", "s", "--max-attempts", "0"), "--max-attempts 0: expected 1 to 100");
        assertUsage(run("task", "submit", "--skill", "s", "--max-attempts", "101"), "expected 1 to 100");
        assertUsage(run("task", "submit"), "Missing required option: '--skill=NAME'");
        assertThat(node.requests()).isEmpty();
    }

    @Test
    void shouldFollowTheTaskWhenWaiting() {
        node.answer("POST /v1/tasks", 202, ACCEPTED);
        node.events("GET /v1/tasks/t1/events", """
                id: 1
                event: assigned
                data: {"agent":"a7","attempt":1}

                id: 2
                event: progress
                data: {"percent":50.0,"message":"half"}

                id: 3
                event: succeeded
                data: {}

                """);
        node.answer("GET /v1/tasks/t1", 200, "{\"id\":\"t1\",\"state\":\"succeeded\",\"output\":{\"n\":2}}");

        CommandRun run = run("task", "submit", "--skill", "s", "--wait", "-o", "table");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err().lines())
                .containsExactly("assigned  agent a7, attempt 1", "progress  percent 50.0, message half", "succeeded");
        assertThat(run.out().lines()).containsExactly("id      t1", "state   succeeded", "output  {\"n\":2}");
    }

    @ParameterizedTest
    @CsvSource({"NO_SUCH_SKILL, true", "ALL_BUSY, false"})
    void shouldSayWhyTheTaskWaitsWhenNobodyGetsItAtOnce(String code, boolean forever) {
        node.answer(
                "POST /v1/tasks",
                202,
                "{\"id\":\"t1\",\"state\":\"queued\",\"code\":\"" + code + "\",\"reason\":\"because\"}");
        node.events("GET /v1/tasks/t1/events", "event: cancelled\ndata: {}\n\n");
        node.answer("GET /v1/tasks/t1", 200, "{\"id\":\"t1\",\"state\":\"cancelled\"}");

        CommandRun run = run("task", "submit", "--skill", "s", "--wait");

        assertThat(run.err()).startsWith("waits  because (" + code + ")\n");
        assertThat(run.err().contains("--fail-fast")).isEqualTo(forever);
    }

    @Test
    void shouldFailWhenTheTaskDoesNotSucceed() {
        node.answer("POST /v1/tasks", 202, ACCEPTED);
        node.events("GET /v1/tasks/t1/events", "event: dead\ndata: {\"reason\":\"no\"}\n\n");
        node.answer("GET /v1/tasks/t1", 200, "{\"id\":\"t1\",\"state\":\"dead\"}");

        CommandRun run = run("task", "submit", "--skill", "s", "--wait", "-o", "json");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualToIgnoringNewLines("dead  reason no");
    }

    @Test
    void shouldTellTitleDetailAndCodeWhenTheNodeRefuses() {
        node.answer(
                "POST /v1/tasks",
                409,
                "{\"title\":\"No agent has the skill\",\"detail\":\"s ^2\",\"code\":\"NO_SUCH_SKILL\"}");

        CommandRun run = run("task", "submit", "--skill", "s", "--fail-fast");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualToIgnoringNewLines("No agent has the skill: s ^2 (NO_SUCH_SKILL)");
    }

    @Test
    void shouldListTasksAsATable() {
        node.answer("GET /v1/tasks?limit=100&skill=s&state=dead", 200, """
                {"tasks":[
                  {"id":"t1","state":"dead","skill":"s","priority":4,"attempt":3,"reason":"two\\nlines"},
                  {"id":"t22","state":"dead","skill":"s","priority":9,"attempt":1,"agent":"a"}]}""");

        CommandRun run = run("task", "list", "--state", "dead", "--skill", "s", "--output", "TABLE");

        assertThat(run.out().lines())
                .containsExactly(
                        "ID   STATE  SKILL  PRIORITY  ATTEMPT  AGENT  SUBMITTED  REASON",
                        "t1   dead   s      4         3        -      -          two lines",
                        "t22  dead   s      9         1        a      -          -");
    }

    @Test
    void shouldListTasksAsJson() throws Exception {
        node.answer("GET /v1/tasks?limit=2", 200, "{\"tasks\":[{\"id\":\"t1\"},{\"id\":\"t2\"}],\"nextCursor\":\"c\"}");

        CommandRun run = run("task", "list", "--limit", "2", "-o", "json");

        assertThat(json(run.out())).isEqualTo(json("[{\"id\":\"t1\"},{\"id\":\"t2\"}]"));
    }

    @Test
    void shouldAskForWhatComesFirst() throws Exception {
        node.answer("POST /v1/tasks", 202, "{\"id\":\"t1\",\"state\":\"held\"}");

        run(
                "task",
                "submit",
                "--skill",
                "s",
                "--requires",
                "a",
                "--requires",
                "b",
                "--on-requirement-lost",
                "run",
                "--not-before",
                "2030-01-31T12:00:00Z",
                "--approval",
                "--parent",
                "p",
                "--tenant",
                "ci",
                "--budget",
                "tokens=100");

        assertThat(sent())
                .isEqualTo(
                        json(
                                "{\"skill\":\"s\",\"tenant\":\"ci\",\"notBefore\":\"2030-01-31T12:00:00Z\","
                                        + "\"requires\":[\"a\",\"b\"],\"onRequirementLost\":\"run\",\"approval\":true,\"parent\":\"p\",\"budget\":{\"tokens\":100}}"));
    }

    @Test
    void shouldMakeASchedule() throws Exception {
        node.answer("POST /v1/schedules", 200, "{\"name\":\"nightly\"}");

        run("schedule", "put", "nightly", "--every", "1h30m", "--missed", "skip", "--task", "{\"skill\":\"s\"}");

        assertThat(sent())
                .isEqualTo(json(
                        "{\"name\":\"nightly\",\"everyMs\":5400000,\"missed\":\"skip\",\"task\":{\"skill\":\"s\"}}"));
        assertUsage(run("schedule", "put", "x", "--every", "soon", "--task", "{}"), "--every \"soon\": expected");
    }

    @ParameterizedTest
    @CsvSource({
        "approve t1 --reason fine, POST /v1/tasks/t1/approve, {\"reason\":\"fine\"}",
        "refuse t1,                POST /v1/tasks/t1/refuse,  {}",
        "cancel t1 --tree,         POST /v1/tasks/t1/cancel?tree=true, {}",
        "explain t1,               GET /v1/tasks/t1/explanation, ''"
    })
    void shouldAskTheNodeForIt(String arguments, String request, String body) throws Exception {
        node.answer(request, 200, "{\"id\":\"t1\"}");

        run(("task " + arguments).split(" "));

        assertThat(node.onlyRequest().line()).isEqualTo(request);
        assertThat(node.onlyRequest().body()).isEqualTo(body);
    }

    @Test
    void shouldGetAndCancelOneTask() throws Exception {
        node.answer("GET /v1/tasks/t%2F1", 200, "{\"id\":\"t/1\"}");
        node.answer("POST /v1/tasks/t1/cancel", 200, "{\"id\":\"t1\",\"state\":\"cancelled\"}");

        assertThat(json(run("task", "get", "t/1", "-o", "json").out())).isEqualTo(json("{\"id\":\"t/1\"}"));
        assertThat(run("task", "cancel", "t1", "-o", "table").out().lines())
                .containsExactly("id     t1", "state  cancelled");
    }

    @Test
    void shouldExplainWhenUsedWrongly() {
        assertUsage(CommandRun.of("task"), "Missing required subcommand");
        assertUsage(run("task", "get"), "Missing required parameter: 'ID'");
        assertUsage(run("task", "frobnicate"), "frobnicate");
        assertUsage(run("task", "list", "--limit", "0"), "--limit 0: expected");
        assertUsage(run("task", "list", "-o", "xml"), "xml");
        assertUsage(run("task", "list", "--state", "done"), "done");
        assertUsage(CommandRun.at("ftp://x", "task", "list"), "--url \"ftp://x\": expected http://host:port");
        assertUsage(CommandRun.at(node.url() + ",x", "task", "list"), "--url \"x\": expected http://host:port");
        assertUsage(CommandRun.at("http://a b", "task", "list"), "is no URL");
    }

    private CommandRun run(String... arguments) {
        return CommandRun.at(node.url(), arguments);
    }

    private static void assertUsage(CommandRun run, String message) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.out()).isEmpty();
    }

    private JsonNode sent() throws IOException {
        return json(node.onlyRequest().body());
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
