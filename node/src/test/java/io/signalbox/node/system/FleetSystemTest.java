package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.codecs.Code;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.AgentBuilder;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Directives to agents of the Java SDK, over HTTP. */
@Timeout(60)
final class FleetSystemTest {
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

    private static String issue(String verb, String agent, String more) throws Exception {
        Http.Answer answer = http.post(
                "/v1/fleet/directives",
                "{\"verb\":\"%s\",\"selector\":{\"ids\":[\"%s\"]},\"reason\":\"why\"%s}".formatted(verb, agent, more));
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        return answer.header("Location");
    }

    private static void revoke(String directive) throws Exception {
        assertThat(http.send(http.request(directive).DELETE().build()).status()).isEqualTo(200);
    }

    private static JsonNode agent(String id) throws Exception {
        return http.get("/v1/agents/" + id).json();
    }

    private static void awaitStanding(String id, String standing) throws Exception {
        Eventually.eventually(
                id + " is " + standing,
                () -> agent(id).path("standing").asText().equals(standing));
    }

    private static AgentBuilder worker(SignalboxClient client, String id) {
        return client.agent(id).skill("fleet." + id, assignment -> Payload.text("done"));
    }

    private static void assertRefused(Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SignalboxException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void shouldGiveAPausedAgentNoNewTasksAndLetItFinishWhatItHas() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("paused")
                    .slots(5)
                    .skill("fleet.paused", assignment -> {
                        begun.countDown();
                        finish.await();
                        return Payload.text("done");
                    })
                    .attach();
            String running = http.submit("fleet.paused", "1");
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            String pause = issue("pause", "paused", "");
            awaitStanding("paused", "paused");
            String waiting = http.submit("fleet.paused", "2");
            finish.countDown();
            http.awaitState(running, "succeeded");

            assertThat(http.task(waiting).path("state").asText()).isEqualTo("queued");
            revoke(pause);
            http.awaitState(waiting, "succeeded");
            assertThat(agent("paused").path("standing").asText()).isEqualTo("active");
            assertThat(http.get(pause).json().path("revoked").path("by").asText())
                    .isEqualTo("anonymous");
        }
    }

    @Test
    void shouldEndAKilledAgentAndKeepItOut() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            Agent killed = worker(client, "killed").attach();
            Agent other = worker(client, "unharmed").attach();

            String kill = issue("kill", "killed", "");

            Eventually.eventually(
                    "it is gone", () -> http.get("/v1/agents/killed").status() == 404);
            Eventually.eventually("it knows", () -> refusal(killed) == Code.KILLED);
            assertRefused(Code.KILLED, () -> worker(client, "killed").attach());
            other.publish(Message.to("agent/unharmed", Payload.EMPTY));
            revoke(kill);
            worker(client, "killed").attach();
        }
    }

    private static Code refusal(Agent agent) throws InterruptedException {
        try {
            agent.publish(Message.to("agent/nobody", Payload.EMPTY));
            throw new AssertionError("nobody is there");
        } catch (SignalboxException e) {
            return e.code();
        }
    }

    @Test
    void shouldLetAQuarantinedAgentSendNothing() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            Agent agent = worker(client, "quarantined").attach();
            agent.publish(Message.to("agent/quarantined", Payload.EMPTY));
            issue("quarantine", "quarantined", "");
            awaitStanding("quarantined", "quarantined");

            Eventually.eventually("it is refused", () -> refusal(agent) == Code.QUARANTINED);
        }
    }

    @Test
    void shouldLimitHowManyMessagesAnAgentSends() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            Agent agent = worker(client, "talker").attach();
            String limit = issue("limit_rate", "talker", ",\"messagesPerSecond\":1");

            Eventually.eventually("it is refused", () -> refusal(agent) == Code.RATE_LIMITED);
            revoke(limit);
            Eventually.eventually("it may send again", () -> refusal(agent) != Code.RATE_LIMITED);
        }
    }

    @Test
    void shouldCountFirstAndRefuseWhatIsNotClear() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            worker(client, "counted").attach();

            Http.Answer counted = http.post(
                    "/v1/fleet/directives",
                    "{\"verb\":\"kill\",\"selector\":{\"skill\":\"fleet.counted\"},\"reason\":\"why\",\"dryRun\":true}");
            assertThat(counted.status()).isEqualTo(200);
            assertThat(counted.json().path("matched").asInt()).isEqualTo(1);
            assertThat(agent("counted").path("standing").asText()).isEqualTo("active");
        }
        for (String body : new String[] {
            "{\"verb\":\"kill\",\"selector\":{},\"reason\":\"why\"}",
            "{\"verb\":\"kill\",\"selector\":{\"all\":true,\"type\":\"t\"},\"reason\":\"why\"}",
            "{\"verb\":\"kill\",\"selector\":{\"types\":\"t\"},\"reason\":\"why\"}",
            "{\"verb\":\"kill\",\"selector\":{\"type\":\"t\"}}",
            "{\"verb\":\"kill\",\"selector\":{\"type\":\"t\"},\"reason\":\"why\",\"messagesPerSecond\":1}",
            "{\"verb\":\"limit_rate\",\"selector\":{\"type\":\"t\"},\"reason\":\"why\"}",
            "{\"verb\":\"end\",\"selector\":{\"type\":\"t\"},\"reason\":\"why\"}"
        }) {
            assertThat(http.post("/v1/fleet/directives", body).code()).as(body).isEqualTo("INVALID_ARGUMENT");
        }
    }

    @Test
    void shouldFindAgentsByWhatTheyAreAndSayWhy() throws Exception {
        http.post(
                "/v1/definitions",
                "{\"name\":\"fleet.reader\",\"version\":\"1.2.0\",\"description\":\"Reads old papers.\","
                        + "\"skills\":[{\"name\":\"fleet.read\"}]}");
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            for (String region : new String[] {"eu", "us"}) {
                client.agent("reader-" + region)
                        .definition("fleet.reader")
                        .skill("fleet.read", assignment -> Payload.EMPTY)
                        .tag("region", region)
                        .attach();
            }

            JsonNode found = http.get("/v1/agents?text=old+papers&tag=region%3Deu&version=%5E1&count=true")
                    .json();
            JsonNode match = http.get("/v1/agents/reader-us/match?text=old+papers&tag=region%3Deu")
                    .json();

            assertThat(found.path("agents")).hasSize(1);
            assertThat(found.at("/agents/0/id").asText()).isEqualTo("reader-eu");
            assertThat(found.path("matched").asInt()).isEqualTo(1);
            assertThat(match.path("matches").asBoolean()).isFalse();
            assertThat(match.at("/criteria/0/found").asText()).isEqualTo("us");
            assertThat(match.at("/criteria/1/matches").asBoolean()).isTrue();
        }
        assertThat(http.get("/v1/definitions?text=OLD&skill=fleet.read&count=true")
                        .json()
                        .at("/definitions/0/name")
                        .asText())
                .isEqualTo("fleet.reader");
        assertThat(http.get("/v1/agents?meaning=x").status()).isEqualTo(501);
        for (String query : new String[] {"tag=region", "state=gone", "version=new", "skillVersion=1"}) {
            assertThat(http.get("/v1/agents?" + query).code()).as(query).isEqualTo("INVALID_ARGUMENT");
        }
    }

    private static String definition(String name, String description) {
        return "{\"name\":\"%s\",\"version\":\"1.0.0\",\"description\":\"%s\",\"skills\":[{\"name\":\"fleet.read\"}]}"
                .formatted(name, description);
    }

    private static Http.Answer publish(String... definitions) throws Exception {
        return http.post("/v1/definitions/batch", "{\"definitions\":[" + String.join(",", definitions) + "]}");
    }

    @Test
    void shouldPublishManyDefinitionsOrNone() throws Exception {
        Http.Answer all = publish(definition("batch.one", "a"), definition("batch.two", "b"));
        Http.Answer none = publish(definition("batch.three", "c"), definition("batch.two", "other"));

        assertThat(all.status()).isEqualTo(200);
        assertThat(all.json().at("/definitions/1/name").asText()).isEqualTo("batch.two");
        assertThat(all.json().at("/definitions/1/created").asBoolean()).isTrue();
        assertThat(none.status()).isEqualTo(409);
        assertThat(none.json().path("detail").asText()).contains("batch.two@1.0.0");
        assertThat(http.get("/v1/definitions/batch.three").status()).isEqualTo(404);
        assertThat(http.get("/v1/definitions/batch.one").status()).isEqualTo(200);
        for (String body : new String[] {"{}", "{\"definitions\":[1]}", "{\"definitions\":1}"}) {
            assertThat(http.post("/v1/definitions/batch", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
    }
}
