package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.TaskFailedException;
import io.signalbox.sdk.TaskHandler;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class HttpApiSystemTest {
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() {
        node = RunningNode.start();
        http = new Http(node.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        node.close();
    }

    private static String definition(String name, String version, String inputType) {
        return """
                {"name":"%s","version":"%s","skills":[{"name":"%s-skill",
                 "inputSchema":{"type":"object","required":["n"],"properties":{"n":{"type":"%s"}}},
                 "outputSchema":{"type":"object","required":["double"]}}]}""".formatted(name, version, name, inputType);
    }

    @Test
    void shouldPublishADefinitionOnce() throws Exception {
        Http.Answer first = http.post("/v1/definitions", definition("once", "1.0.0", "integer"));
        assertThat(first.status()).isEqualTo(201);
        assertThat(first.header("Location")).isEqualTo("/v1/definitions/once/versions/1.0.0");

        Http.Answer again = http.post(
                "/v1/definitions", definition("once", "1.0.0", "integer").replace("\n", "  "));
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("contentHash")).isEqualTo(first.json().path("contentHash"));

        Http.Answer other = http.post("/v1/definitions", definition("once", "1.0.0", "string"));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.code()).isEqualTo("CONFLICT");
    }

    @Test
    void shouldRefuseASkillVersionWithOtherSchemas() throws Exception {
        http.post("/v1/definitions", definition("schemas", "1.0.0", "integer"));

        Http.Answer other = http.post("/v1/definitions", definition("schemas", "1.1.0", "string"));

        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json().path("detail").asText()).contains("schemas-skill@1.0.0");
    }

    @Test
    void shouldListVersionsHighestFirstByPages() throws Exception {
        for (String version : List.of("1.0.0", "1.10.0", "1.9.0")) {
            http.post("/v1/definitions", definition("paged", version, "integer"));
        }

        List<String> versions = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = http.get("/v1/definitions/paged/versions?limit=2&cursor=" + cursor)
                    .json();
            page.path("definitions")
                    .forEach(each -> versions.add(each.path("version").asText()));
            cursor = page.path("nextCursor").asText("");
        } while (!cursor.isEmpty());

        assertThat(versions).containsExactly("1.10.0", "1.9.0", "1.0.0");
        assertThat(http.get("/v1/definitions/paged").json().path("version").asText())
                .isEqualTo("1.10.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json                                                        | 400 | MALFORMED",
                "{\"skill\":\"a\",\"skill\":\"b\"}                                | 400 | MALFORMED",
                "{\"skill\":\"a\"} trailing                                       | 400 | MALFORMED",
                "/* comment */ {\"skill\":\"a\"}                                  | 400 | MALFORMED",
                "[]                                                              | 400 | INVALID_ARGUMENT",
                "{}                                                              | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"colour\":\"red\"}                             | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"Not A Skill\"}                                      | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"priority\":10}                                | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"priority\":\"high\"}                          | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"maxAttempts\":101}                            | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"deadline\":\"2001-01-01T00:00:00Z\"}          | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"deadline\":\"soon\"}                          | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"deadline\":\"+999999999-01-01T00:00:00Z\"}     | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"versionRange\":\"newest please\"}             | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"labels\":{\"n\":1}}                           | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"labels\":{\"n\":\"\\u0000\"}}                 | 400 | INVALID_ARGUMENT",
                "{\"skill\":\"a\",\"contentType\":\"image/png\",\"input\":\"%\"}  | 400 | INVALID_ARGUMENT",
            })
    void shouldSayWhatIsWrongWithATask(String body, int status, String code) throws Exception {
        Http.Answer answer = http.post("/v1/tasks", body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().path("detail").asText()).isNotEmpty();
        assertThat(answer.json().path("instance").asText()).endsWith(answer.header("X-Request-Id"));
    }

    @Test
    void shouldRefuseAnInputThatIsTooLarge() throws Exception {
        String input = "\"" + "x".repeat(70_000) + "\"";

        Http.Answer answer = http.post("/v1/tasks", "{\"skill\":\"a\",\"input\":" + input + "}");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.code()).isEqualTo("TOO_LARGE");
    }

    @Test
    void shouldRefuseABodyThatIsTooLarge() throws Exception {
        assertThat(http.post("/v1/tasks", "x".repeat(2_000_000)).status()).isEqualTo(413);
    }

    @Test
    void shouldRefuseAnInputThatBreaksTheSkillsSchema() throws Exception {
        http.post("/v1/definitions", definition("checked", "1.0.0", "integer"));

        Http.Answer answer = http.post("/v1/tasks", "{\"skill\":\"checked-skill\",\"input\":{\"n\":\"one\"}}");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo("SCHEMA_INVALID");
        assertThat(answer.json().path("detail").asText()).contains("/n");
    }

    @Test
    void shouldQueueATaskForAnUnknownSkillAndSayWhyItWaits() throws Exception {
        Http.Answer answer = http.post("/v1/tasks", "{\"skill\":\"nobody.has-this\"}");

        assertThat(answer.status()).isEqualTo(202);
        JsonNode task = http.task(answer.json().path("id").asText());
        assertThat(task.path("state").asText()).isEqualTo("queued");
        assertThat(task.path("code").asText()).isEqualTo("NO_SUCH_SKILL");
        assertThat(task.path("reason").asText()).contains("nobody.has-this");
    }

    @Test
    void shouldFailFastWhenAskedTo() throws Exception {
        Http.Answer answer = http.post("/v1/tasks", "{\"skill\":\"nobody.has-this\",\"failFast\":true}");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("NO_SUCH_SKILL");
    }

    @Test
    void shouldGiveTheSameTaskForTheSameKeyAndRefuseAnotherRequestUnderIt() throws Exception {
        String body = "{\"skill\":\"keyed\",\"input\":{\"a\":1,\"b\":2}}";
        Http.Answer first = http.post("/v1/tasks", body, "Idempotency-Key", "key-1");

        Http.Answer again = http.post("/v1/tasks", " " + body, "Idempotency-Key", "key-1");
        Http.Answer other = http.post("/v1/tasks", "{\"skill\":\"keyed\"}", "Idempotency-Key", "key-1");

        assertThat(again.status()).isEqualTo(202);
        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(again.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo("KEY_REUSED");
    }

    @Test
    void shouldTakeManyTasksAtOnceEachForItself() throws Exception {
        String body = """
                {"tasks":[{"skill":"many","input":1,"idempotencyKey":"many-1"},{"skill":""},{"skill":"many","surprise":1},
                 {"skill":"many","input":1,"idempotencyKey":"many-1"},{"skill":"many","input":2,"idempotencyKey":"many-2"}]}""";

        Http.Answer answer = http.post("/v1/tasks/batch", body);

        assertThat(answer.status()).isEqualTo(200);
        JsonNode tasks = answer.json().path("tasks");
        assertThat(tasks).hasSize(5);
        String first = tasks.at("/0/task/id").asText();
        assertThat(tasks.at("/3/task/id").asText()).isEqualTo(first);
        assertThat(tasks.at("/4/task/id").asText()).isNotEqualTo(first);
        assertThat(tasks.at("/1/problem/code").asText()).isEqualTo("INVALID_ARGUMENT");
        assertThat(tasks.at("/2/problem/detail").asText()).contains("surprise");
        assertThat(http.get("/v1/tasks/" + first).json().path("input").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"tasks\":[]}", "{\"tasks\":{}}", "[]"})
    void shouldRefuseABatchThatIsNone(String body) throws Exception {
        assertThat(http.post("/v1/tasks/batch", body).status()).isEqualTo(400);
    }

    @Test
    void shouldCancelOnceAndRefuseToCancelWhatHasEnded() throws Exception {
        String id = http.submit("never.done", "1");

        Http.Answer cancelled = http.post("/v1/tasks/" + id + "/cancel", "{}");
        Http.Answer again = http.post("/v1/tasks/" + id + "/cancel", "{}");

        assertThat(cancelled.status()).isEqualTo(200);
        assertThat(cancelled.json().path("state").asText()).isEqualTo("cancelled");
        assertThat(again.status()).isEqualTo(200);
        assertThat(http.stream("/v1/tasks/" + id + "/events"))
                .filteredOn(line -> line.startsWith("event: "))
                .containsExactly("event: submitted", "event: cancelled");
        assertThat(http.get("/v1/tasks/" + id + "/events", "Last-Event-ID", "2").status())
                .isEqualTo(204);
    }

    @Test
    void shouldListTasksNewestFirstByPages() throws Exception {
        List<String> submitted = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            submitted.addFirst(http.submit("list.me", "1"));
        }

        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = http.get("/v1/tasks?state=queued&skill=list.me&limit=2&cursor=" + cursor)
                    .json();
            page.path("tasks").forEach(task -> listed.add(task.path("id").asText()));
            cursor = page.path("nextCursor").asText("");
        } while (!cursor.isEmpty());

        assertThat(listed).containsExactlyElementsOf(submitted);
    }

    @Test
    void shouldStreamATasksEventsLiveAndGoOnAfterTheLastOneRead() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("streamer")
                    .skill("stream.me", assignment -> {
                        mayEnd.await();
                        return Payload.json("{\"ok\":true}");
                    })
                    .attach();
            String id = http.submit("stream.me", "1");
            http.awaitState(id, "assigned");
            Thread ender = Thread.ofVirtual().start(mayEnd::countDown);

            List<String> all = http.stream("/v1/tasks/" + id + "/events");
            List<String> rest = http.stream("/v1/tasks/" + id + "/events", "Last-Event-ID", "2");

            ender.join();
            assertThat(all)
                    .filteredOn(line -> line.startsWith("event: "))
                    .containsExactly("event: submitted", "event: assigned", "event: succeeded");
            assertThat(rest).filteredOn(line -> line.startsWith("id: ")).containsExactly("id: 3");
        }
    }

    @Test
    void shouldTellLiveWhatIsReadLater() throws Exception {
        String id = http.submit("live.later", "1");
        String events = "/v1/tasks/" + id + "/events";
        CountDownLatch progressTold = new CountDownLatch(1);
        Queue<TaskHandler> attempts = new ConcurrentLinkedQueue<>(List.of(
                assignment -> {
                    throw new TaskFailedException("not yet", true);
                },
                assignment -> {
                    assignment.progress(50, "half way");
                    progressTold.await();
                    return Payload.json("1");
                }));
        try (Stream<String> live = http.open(events);
                SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("later-1")
                    .skill("live.later", assignment -> attempts.remove().handle(assignment))
                    .attach();

            List<String> told = live.peek(line -> {
                        if (line.equals("event: progress")) {
                            progressTold.countDown();
                        }
                    })
                    .toList();

            assertThat(told)
                    .contains("event: requeued", "event: progress", "event: succeeded")
                    .filteredOn(line -> !line.startsWith(":"))
                    .isEqualTo(http.stream(events).stream()
                            .filter(line -> !line.startsWith(":"))
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/tasks/nonsense",
                "/v1/tasks/01a20be8-a7f3-74e6-ac0d-2ea5f5488ebd",
                "/v1/agents/nobody",
                "/v1/definitions/none",
                "/nowhere"
            })
    void shouldSayThatThereIsNoSuchThing(String path) throws Exception {
        Http.Answer answer = http.get(path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo("NOT_FOUND");
    }

    @Test
    void shouldNameTheDefinitionThatThereIsNot() throws Exception {
        assertThat(http.get("/v1/definitions/nope").json().path("detail").asText())
                .isEqualTo("no definition nope");
        assertThat(http.get("/v1/definitions/nope/versions/1.0.0")
                        .json()
                        .path("detail")
                        .asText())
                .isEqualTo("no definition nope@1.0.0");
    }

    @Test
    void shouldSayThatThereIsNoStreamOfAnUnknownTask() throws Exception {
        assertThat(http.get("/v1/tasks/01a20be8-a7f3-74e6-ac0d-2ea5f5488ebd/events")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void shouldNameTheMethodsThatAPathTakes() throws Exception {
        Http.Answer answer = http.send(http.request("/v1/tasks").DELETE().build());

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("Allow")).contains("GET", "POST");
    }

    @Test
    void shouldTakeNothingButJson() throws Exception {
        Http.Answer answer = http.send(http.request("/v1/tasks")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{\"skill\":\"a\"}"))
                .build());

        assertThat(answer.status()).isEqualTo(415);
    }

    @Test
    void shouldTellItsHealth() throws Exception {
        assertThat(http.get("/livez").status()).isEqualTo(200);
        assertThat(http.get("/readyz").json().path("status").asText()).isEqualTo("ready");
        assertThat(http.get("/agents/health").json().path("tasks").has("queued"))
                .isTrue();
        assertThat(http.get("/metrics").response().body())
                .contains("signalbox_gateway_http", "signalbox_allocation_open", "signalbox_registry_agents");
    }

    @Test
    void shouldServeAPageToReadTheApi() throws Exception {
        assertThat(http.get("/").status()).isEqualTo(302);
        assertThat(http.get("/").header("Location")).isEqualTo("docs");
        assertThat(http.get("/docs").response().body()).contains("/docs/swagger-ui-bundle.js");
        assertThat(http.get("/docs/swagger-ui-bundle.js").status()).isEqualTo(200);
        assertThat(http.get("/docs/swagger-ui.css").status()).isEqualTo(200);
        assertThat(http.get("/docs").header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(http.get("/v1/openapi.json").json().path("openapi").asText()).startsWith("3.1");
        assertThat(http.get("/docs/../../etc/passwd").status()).isEqualTo(404);
    }

    /** Every refusal is a problem that a program can read. */
    @ParameterizedTest
    @CsvSource({
        "GET, /nowhere, application/json, 404",
        "GET, /v1/tasks/, application/json, 200",
        "PUT, /v1/tasks, application/json, 405",
        "PATCH, /v1/tasks/x/cancel, application/json, 405",
        "OPTIONS, /livez, application/json, 405",
        "POST, /v1/tasks, text/plain, 415",
        "POST, /v1/tasks, multipart/form-data; boundary=x, 415",
        "POST, /v1/tasks/x/cancel, application/x-www-form-urlencoded, 415",
        "GET, /v1/tasks?limit=0, application/json, 400",
        "GET, /v1/tasks?limit=1001, application/json, 400",
        "GET, /v1/tasks?limit=-1, application/json, 400",
        "GET, /v1/tasks?limit=ten, application/json, 400",
        "GET, /v1/tasks?state=lost, application/json, 400",
        "GET, /v1/tasks?cursor=%00, application/json, 400",
        "GET, /v1/tasks?cursor=nonsense, application/json, 404",
        "GET, /v1/tasks?skill=%00, application/json, 400",
        "GET, /v1/tasks/%00, application/json, 404",
        "GET, /v1/tasks/%00/events, application/json, 404",
        "GET, /v1/definitions/%00, application/json, 404",
        "GET, /v1/definitions?cursor=%00, application/json, 400",
        "GET, /v1/agents?cursor=%00, application/json, 400",
        "GET, /v1/agents?definition=%00, application/json, 400",
        "GET, /v1/agents/%00, application/json, 404",
        "GET, /v1/skills?cursor=%00, application/json, 400",
    })
    void shouldAnswerEveryFaultWithAProblem(String method, String path, String type, int status) throws Exception {
        Http.Answer answer = http.send(http.request(path)
                .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("{}"))
                .header("Content-Type", type)
                .build());

        assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
        if (status >= 400) {
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(answer.json().path("status").asInt()).isEqualTo(status);
            assertThat(answer.json().path("instance").asText()).endsWith(answer.header("X-Request-Id"));
        }
    }

    @Test
    void shouldAskForAWebSocketWhereThereIsOne() throws Exception {
        assertThat(http.get("/v1/connect").status()).isEqualTo(426);
        assertThat(http.post("/v1/connect", "{}").status()).isEqualTo(426);
    }

    @Test
    void shouldMakeOneTaskOfManyRequestsWithOneKeyAtOnce() throws Exception {
        String body = "{\"skill\":\"keyed.race\",\"input\":1}";
        List<Callable<Http.Answer>> requests =
                Collections.nCopies(20, () -> http.post("/v1/tasks", body, "Idempotency-Key", "race"));
        Set<String> ids = new HashSet<>();
        int replayed = 0;

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Http.Answer> each : threads.invokeAll(requests)) {
                assertThat(each.get().status()).isEqualTo(202);
                ids.add(each.get().json().path("id").asText());
                replayed += each.get().header("Idempotency-Replayed").equals("true") ? 1 : 0;
            }
        }

        assertThat(ids).hasSize(1);
        assertThat(replayed).isEqualTo(19);
    }

    @Test
    void shouldTakeTheSameRequestForTheSameHoweverItIsWritten() throws Exception {
        Http.Answer first = http.post(
                "/v1/tasks", "{\"skill\":\"keyed\",\"labels\":{\"a\":\"1\",\"b\":\"2\"}}", "Idempotency-Key", "order");
        Http.Answer again = http.post(
                "/v1/tasks", "{\"labels\":{\"b\":\"2\",\"a\":\"1\"},\"skill\":\"keyed\"}", "Idempotency-Key", "order");
        Http.Answer other = http.post(
                "/v1/tasks", "{\"labels\":{\"b\":\"2\",\"a\":\"3\"},\"skill\":\"keyed\"}", "Idempotency-Key", "order");

        assertThat(again.json().path("id")).isEqualTo(first.json().path("id"));
        assertThat(other.code()).isEqualTo("KEY_REUSED");
    }

    @Test
    void shouldTakeAnEmptyKeyForNoneAndRefuseOneThatIsTooLong() throws Exception {
        String body = "{\"skill\":\"keyed\"}";
        Http.Answer one = http.post("/v1/tasks", body, "Idempotency-Key", "");
        Http.Answer two = http.post("/v1/tasks", body, "Idempotency-Key", "");

        assertThat(one.json().path("id")).isNotEqualTo(two.json().path("id"));
        assertThat(http.post("/v1/tasks", body, "Idempotency-Key", "k".repeat(5000))
                        .code())
                .isEqualTo("INVALID_ARGUMENT");
    }

    @Test
    void shouldSayThatNothingFollowsTheLastEvent() throws Exception {
        String id = http.submit("never.done", "1");
        http.post("/v1/tasks/" + id + "/cancel", "{}");

        assertThat(http.get("/v1/tasks/" + id + "/events", "Last-Event-ID", "2").status())
                .isEqualTo(204);
    }
}
