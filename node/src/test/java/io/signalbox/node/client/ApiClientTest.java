package io.signalbox.node.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.config.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiClientTest {
    private final ObjectMapper json = new ObjectMapper();
    private FakeNode node;
    private ApiClient client;

    @BeforeEach
    void start() throws IOException {
        node = new FakeNode();
        client = new ApiClient(node.url(), new Secret(""));
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void shouldGiveTheAnswerWhenTheNodeAnswers() throws Exception {
        node.answer("GET /v1/agents/a", 200, "{\"id\":\"a\"}");

        assertThat(client.get("/v1/agents/a").path("id").asText()).isEqualTo("a");
        assertThat(node.onlyRequest().header("authorization")).isEmpty();
    }

    @Test
    void shouldSendTheTokenWhenThereIsOne() throws Exception {
        node.answer("GET /v1/agents", 200, "{}");
        try (ApiClient known = new ApiClient(node.url(), new Secret("a.b.c"))) {
            known.get("/v1/agents");
        }

        assertThat(node.onlyRequest().header("authorization")).contains("Bearer a.b.c");
    }

    private static final String UNAVAILABLE = "{\"title\":\"Unavailable\"}";

    @Test
    void shouldAskAgainForAWhileWhenTheNodeCannotJustNow() throws Exception {
        node.answer("GET /v1/tasks/t", 503, UNAVAILABLE).answer("GET /v1/tasks/t", 200, "{\"id\":\"t\"}");
        node.answer("POST /v1/tasks", 503, UNAVAILABLE).answer("POST /v1/tasks", 202, "{\"id\":\"t\"}");
        ApiClient patient = client.retrying(Duration.ofSeconds(30));

        assertThat(patient.get("/v1/tasks/t").path("id").asText()).isEqualTo("t");
        assertThat(patient.post("/v1/tasks", json.createObjectNode(), Map.of(ApiClient.IDEMPOTENCY_KEY, "k"))
                        .path("id")
                        .asText())
                .isEqualTo("t");
    }

    /** Without a key nobody knows whether it would be done twice. */
    @Test
    void shouldNotRepeatWhatMayNotBeRepeated() {
        node.answer("POST /v1/tasks", 503, UNAVAILABLE);
        ApiClient patient = client.retrying(Duration.ofSeconds(30));

        assertThatThrownBy(() -> patient.post("/v1/tasks", json.createObjectNode(), Map.of()))
                .isInstanceOf(ApiException.class);
        assertThat(node.requests()).hasSize(1);
    }

    @Test
    void shouldEncodeParametersAndLeaveEmptyOnesOut() throws Exception {
        node.answer("GET /v1/tasks?skill=a%2Fb+c&state=dead", 200, "{}");

        client.get("/v1/tasks", Map.of("state", "dead", "skill", "a/b c", "cursor", ""));

        assertThat(node.requests()).hasSize(1);
    }

    @Test
    void shouldEncodeNamesInPaths() {
        assertThat(ApiClient.segment("a/b c+d?e")).isEqualTo("a%2Fb%20c%2Bd%3Fe");
    }

    @Test
    void shouldSendBodyAndHeadersWhenPosting() throws Exception {
        node.answer("POST /v1/tasks", 202, "{\"id\":\"1\"}");

        JsonNode answer = client.post("/v1/tasks", json.readTree("{\"skill\":\"s\"}"), Map.of("Idempotency-Key", "k"));

        assertThat(answer.path("id").asText()).isEqualTo("1");
        assertThat(node.onlyRequest().body()).isEqualTo("{\"skill\":\"s\"}");
        assertThat(node.onlyRequest().header("idempotency-key")).contains("k");
        assertThat(node.onlyRequest().header("content-type")).contains("application/json");
    }

    @Test
    void shouldFollowThePagesOfAList() throws Exception {
        node.answer("GET /v1/tasks?limit=5", 200, "{\"tasks\":[1,2],\"nextCursor\":\"c1\"}");
        node.answer("GET /v1/tasks?cursor=c1&limit=3", 200, "{\"tasks\":[3,4],\"nextCursor\":\"c2\"}");
        node.answer("GET /v1/tasks?cursor=c2&limit=1", 200, "{\"tasks\":[5],\"nextCursor\":\"c3\"}");

        assertThat(client.list("/v1/tasks", Map.of(), "tasks", 5)).hasToString("[1,2,3,4,5]");
    }

    @Test
    void shouldEndAListWhenThereIsNoFurtherPage() throws Exception {
        node.answer("GET /v1/tasks?limit=50", 200, "{\"tasks\":[1]}");

        assertThat(client.list("/v1/tasks", Map.of(), "tasks", 50)).hasToString("[1]");
    }

    @Test
    void shouldTellTheProblemWhenTheNodeRefuses() {
        node.answer(
                "GET /v1/tasks/1",
                404,
                "{\"title\":\"Not found\",\"detail\":\"There is no task 1\",\"code\":\"NOT_FOUND\"}");

        ApiException failure = failure(() -> client.get("/v1/tasks/1"));

        assertThat(failure).hasMessage("Not found: There is no task 1 (NOT_FOUND)");
        assertThat(failure.problem()).contains(new Problem(404, "Not found", "There is no task 1", "NOT_FOUND"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>Bad gateway</html>", "[]", "null"})
    void shouldTellTheStatusWhenTheRefusalIsNoProblem(String body) {
        node.answer("GET /v1/tasks/1", 502, body);

        ApiException failure = failure(() -> client.get("/v1/tasks/1"));

        assertThat(failure).hasMessage("The node answered with status 502");
    }

    @Test
    void shouldSaySoWhenSomethingElseAnswers() {
        node.answer("GET /v1/tasks", 200, "<html>");

        assertThat(failure(() -> client.get("/v1/tasks"))).hasMessageContaining("is no Signalbox node");
    }

    @Test
    void shouldAskForANodeWhenNobodyAnswers() throws Exception {
        int closed = closedPort();
        try (ApiClient nobody = new ApiClient(URI.create("http://127.0.0.1:" + closed), new Secret(""))) {
            ApiException failure = failure(() -> nobody.get("/v1/tasks"));

            assertThat(failure).hasMessageContainingAll("127.0.0.1:" + closed, "Is a node running?", "./signalbox up");
            assertThat(failure.problem()).isEmpty();
        }
    }

    @Test
    void shouldAskTheFirstNodeThatAnswersAndStayWithIt() throws Exception {
        URI away = URI.create("http://127.0.0.1:" + closedPort());
        node.answer("POST /v1/tasks?a=b%2Fc", 202, "{\"id\":\"1\"}").answer("GET /v1/tasks", 500, "{}");
        try (FakeNode third = new FakeNode();
                ApiClient any = new ApiClient(List.of(away, node.url(), third.url()), new Secret(""))) {
            JsonNode answer = any.post("/v1/tasks?a=b%2Fc", json.readTree("[1]"), Map.of("X-Key", "k"));

            assertThat(answer.path("id").asText()).isEqualTo("1");
            assertThat(node.onlyRequest().body()).isEqualTo("[1]");
            assertThat(node.onlyRequest().header("x-key")).contains("k");
            assertThat(failure(() -> any.get("/v1/tasks")).problem()).isPresent();
            assertThat(third.requests()).isEmpty();
        }
    }

    @Test
    void shouldSayWhomItAskedWhenNoneOfSeveralAnswers() throws Exception {
        List<URI> away =
                List.of(URI.create("http://127.0.0.1:" + closedPort()), URI.create("http://127.0.0.1:" + closedPort()));
        try (ApiClient nobody = new ApiClient(away, new Secret(""))) {
            assertThat(failure(() -> nobody.get("/v1/tasks")))
                    .hasMessageContainingAll(
                            away.getFirst().toString(), away.getLast().toString());
        }
    }

    @Test
    void shouldAskAnotherNodeWhenTheConversationBreaksOffUnlessThatCouldDoItTwice() throws Exception {
        node.answer("GET /v1/tasks", 200, "{}").answer("POST /v1/tasks", 202, "{}");
        try (FakeNode dying = new FakeNode();
                ApiClient several = new ApiClient(List.of(dying.url(), node.url()), new Secret(""))) {
            dying.breakOff();
            assertThat(failure(() -> several.post("/v1/tasks", json.createObjectNode(), Map.of())))
                    .hasMessageContainingAll("broke off", dying.url().toString());
            assertThat(node.requests()).isEmpty();

            several.post("/v1/tasks", json.createObjectNode(), Map.of());
            assertThat(node.requests()).hasSize(1);
        }
        try (FakeNode dying = new FakeNode();
                ApiClient several = new ApiClient(List.of(dying.url(), node.url()), new Secret(""))) {
            dying.breakOff();

            several.get("/v1/tasks");

            assertThat(node.requests()).hasSize(2);
        }
    }

    @Test
    void shouldAskAnotherNodeWhenOneCannotJustNow() throws Exception {
        node.answer("GET /v1/tasks", 503, UNAVAILABLE);
        try (FakeNode other = new FakeNode();
                ApiClient several = new ApiClient(List.of(node.url(), other.url()), new Secret(""))
                        .retrying(Duration.ofSeconds(30))) {
            other.answer("GET /v1/tasks", 200, "{}");

            several.get("/v1/tasks");

            assertThat(node.requests()).hasSize(1);
        }
    }

    @Test
    void shouldReadEventsUntilThereAreEnough() throws Exception {
        node.events("GET /v1/tasks/1/events", "id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n");
        List<String> read = new ArrayList<>();

        client.events("/v1/tasks/1/events", "", event -> read.add(event.data()) && read.size() < 2);

        assertThat(read).containsExactly("a", "b");
        assertThat(node.onlyRequest().header("accept")).contains("text/event-stream");
        assertThat(node.onlyRequest().header("last-event-id")).isEmpty();
    }

    @Test
    void shouldSayWhatWasReadWhenGoingOnWithEvents() throws Exception {
        node.events("GET /v1/tasks/1/events", "id: 8\ndata: a\n\n");

        client.events("/v1/tasks/1/events", "7", event -> true);

        assertThat(node.onlyRequest().header("last-event-id")).contains("7");
    }

    @Test
    void shouldTellTheProblemWhenEventsAreRefused() {
        node.answer("GET /v1/tasks/1/events", 403, "{\"title\":\"Forbidden\",\"code\":\"FORBIDDEN\"}");

        ApiException failure = failure(() -> client.events("/v1/tasks/1/events", "", event -> true));

        assertThat(failure).hasMessage("Forbidden (FORBIDDEN)");
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static ApiException failure(ThrowingCallable call) {
        return catchThrowableOfType(ApiException.class, call);
    }
}
