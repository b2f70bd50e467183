package io.signalbox.node.system;

import static io.signalbox.node.system.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.TaskFailedException;
import io.signalbox.sdk.TaskHandler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channels and rollouts with agents of the Java SDK and a real node. */
@Timeout(120)
final class RolloutSystemTest {
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

    /** One skill, named like the definition. */
    private static void publish(String name, String version, String skillVersion) throws Exception {
        String document = "{\"name\":\"%s\",\"version\":\"%s\",\"skills\":[{\"name\":\"%s\",\"version\":\"%s\"}]}";
        assertThat(http.post("/v1/definitions", document.formatted(name, version, name, skillVersion))
                        .status())
                .isEqualTo(201);
    }

    private static JsonNode channels(String name) throws Exception {
        return http.get("/v1/definitions/" + name + "/channels").json();
    }

    private static void moveStable(String name, String version) throws Exception {
        String move = "{\"version\":\"%s\",\"revision\":%d,\"why\":\"test\"}";
        Http.Answer moved = http.post(
                "/v1/definitions/" + name + "/channels/stable",
                move.formatted(version, channels(name).path("revision").asInt()));
        assertThat(moved.status()).as(moved.json().toString()).isEqualTo(200);
    }

    private static Agent follow(SignalboxClient client, String id, String name, TaskHandler handler) throws Exception {
        return client.agent(id)
                .definition(name + "@stable")
                .skill(name, handler)
                .attach();
    }

    private static Payload version(String definitionVersion) {
        return Payload.text(definitionVersion);
    }

    @Test
    void shouldGiveTheNextAssignmentTheVersionThatStablePointsAt() throws Exception {
        publish("roll.next", "1.0.0", "1.0.0");
        publish("roll.next", "1.1.0", "1.0.0");
        Queue<String> told = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            Agent agent = client.agent("next-1")
                    .definition("roll.next@stable")
                    .slots(2)
                    .onDefinition(told::add)
                    .skill("roll.next", assignment -> {
                        begun.countDown();
                        go.await();
                        return version(assignment.definitionVersion());
                    })
                    .attach();
            assertThat(agent.definition()).isEqualTo("roll.next@1.0.0");
            String before = http.submit("roll.next", "{}");
            begun.await();

            moveStable("roll.next", "1.1.0");
            eventually("the agent is told", () -> told.contains("roll.next@1.1.0"));
            String after = http.submit("roll.next", "{}");
            go.countDown();

            http.awaitState(before, "succeeded");
            http.awaitState(after, "succeeded");
            assertThat(http.task(before).path("output").asText()).isEqualTo("1.0.0");
            assertThat(http.task(before).path("definition").asText()).isEqualTo("roll.next@1.0.0");
            assertThat(http.task(after).path("output").asText()).isEqualTo("1.1.0");
            assertThat(http.get("/v1/agents/next-1")
                            .json()
                            .path("definitionVersion")
                            .asText())
                    .isEqualTo("1.1.0");
        }
    }

    @Test
    void shouldGiveWorkByTheSkillsOfTheNewVersion() throws Exception {
        publish("roll.skills", "1.0.0", "1.0.0");
        publish("roll.skills", "2.0.0", "2.0.0");
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            follow(client, "skills-1", "roll.skills", assignment -> version(assignment.definitionVersion()));
            String waiting = http.post("/v1/tasks", "{\"skill\":\"roll.skills\",\"versionRange\":\"^2\",\"input\":{}}")
                    .json()
                    .path("id")
                    .asText();
            assertThat(http.task(waiting).path("code").asText()).isEqualTo("NO_SUCH_SKILL");

            moveStable("roll.skills", "2.0.0");

            http.awaitState(waiting, "succeeded");
            assertThat(http.get("/v1/agents/skills-1")
                            .json()
                            .at("/skills/0/version")
                            .asText())
                    .isEqualTo("2.0.0");
        }
    }

    @Test
    void shouldRollABadCanaryBackWithoutHandsAndLoseNoTask() throws Exception {
        publish("roll.bad", "1.0.0", "1.0.0");
        publish("roll.bad", "1.1.0", "1.0.0");
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            for (int i = 0; i < 40; i++) {
                follow(client, "bad-" + i, "roll.bad", assignment -> {
                    if (assignment.definitionVersion().equals("1.1.0")) {
                        throw new TaskFailedException("this version cannot do it", true);
                    }
                    return version(assignment.definitionVersion());
                });
            }
            Http.Answer started = http.post(
                    "/v1/definitions/roll.bad/rollouts", "{\"version\":\"1.1.0\",\"share\":0.3,\"revision\":0}");
            assertThat(started.status()).as(started.json().toString()).isEqualTo(201);

            List<String> tasks = new ArrayList<>();
            eventually("it is rolled back", () -> {
                for (int i = 0; i < 20; i++) {
                    tasks.add(http.post("/v1/tasks", "{\"skill\":\"roll.bad\",\"maxAttempts\":50,\"input\":{}}")
                            .json()
                            .path("id")
                            .asText());
                }
                return channels("roll.bad").at("/rollout/state").asText().equals("rolled_back");
            });

            for (String task : tasks) {
                http.awaitState(task, "succeeded");
            }
            JsonNode decision =
                    http.get("/v1/definitions/roll.bad/channels/history").json().at("/moves/0");
            assertThat(decision.path("by").asText()).isEqualTo("signalbox");
            assertThat(decision.at("/evidence/errors/canary/hits").asInt()).isPositive();
            JsonNode evidence =
                    http.get("/v1/definitions/roll.bad/rollouts/1/evidence").json();
            assertThat(evidence.at("/errors/pValue").asDouble())
                    .isLessThanOrEqualTo(evidence.at("/errors/limit").asDouble());
        }
    }

    @Test
    void shouldGiveTheCanaryToItsCohortAloneAndToNobodyWhilePaused() throws Exception {
        publish("roll.pause", "1.0.0", "1.0.0");
        publish("roll.pause", "1.1.0", "1.0.0");
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            List<Agent> agents = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                agents.add(follow(client, "pause-" + i, "roll.pause", assignment -> version("")));
            }

            http.post("/v1/definitions/roll.pause/rollouts", "{\"version\":\"1.1.0\",\"share\":0.5,\"revision\":0}");
            eventually(
                    "both versions are there",
                    () -> Set.of("roll.pause@1.0.0", "roll.pause@1.1.0").equals(versions(agents)));
            http.post("/v1/definitions/roll.pause/rollouts/1/pause", "{\"revision\":1}");
            eventually(
                    "all have the stable one", () -> Set.of("roll.pause@1.0.0").equals(versions(agents)));
            http.post("/v1/definitions/roll.pause/rollouts/1/resume", "{\"revision\":2}");
            http.post("/v1/definitions/roll.pause/rollouts/1/promote", "{\"revision\":3}");

            eventually("all have the new one", () -> Set.of("roll.pause@1.1.0").equals(versions(agents)));
        }
    }

    private static Set<String> versions(List<Agent> agents) {
        Set<String> versions = new HashSet<>();
        agents.forEach(agent -> versions.add(agent.definition()));
        return versions;
    }

    @Test
    void shouldRefuseDecisionsWithoutTheRevisionThatIsThere() throws Exception {
        publish("roll.refused", "1.0.0", "1.0.0");
        publish("roll.refused", "1.1.0", "1.0.0");
        String path = "/v1/definitions/roll.refused";

        assertThat(http.post(path + "/channels/stable", "{\"version\":\"1.1.0\"}")
                        .code())
                .isEqualTo("INVALID_ARGUMENT");
        assertThat(http.post(path + "/channels/stable", "{\"version\":\"1.1.0\",\"revision\":4}")
                        .code())
                .isEqualTo("CONFLICT");
        assertThat(http.post(path + "/channels/stable", "{\"version\":\"7.0.0\",\"revision\":0}")
                        .code())
                .isEqualTo("NOT_FOUND");
        assertThat(http.post(path + "/rollouts", "{\"version\":\"1.1.0\",\"share\":0.9,\"revision\":0}")
                        .code())
                .isEqualTo("INVALID_ARGUMENT");
        assertThat(http.post(path + "/rollouts/9/promote", "{\"revision\":0}").code())
                .isEqualTo("CONFLICT");
        assertThat(http.get(path + "/rollouts/9").code()).isEqualTo("NOT_FOUND");
        assertThat(http.get("/v1/definitions/unheard.of/channels").code()).isEqualTo("NOT_FOUND");
    }

    @Test
    void shouldTellWhatChangedBetweenVersions() throws Exception {
        publish("roll.diff", "1.0.0", "1.0.0");
        publish("roll.diff", "1.1.0", "1.2.0");

        JsonNode diff =
                http.get("/v1/definitions/roll.diff/diff?from=1.0.0&to=1.1.0").json();

        assertThat(diff.path("changes").toString())
                .isEqualTo("[{\"path\":\"/skills/roll.diff/version\",\"from\":\"1.0.0\",\"to\":\"1.2.0\"},"
                        + "{\"path\":\"/version\",\"from\":\"1.0.0\",\"to\":\"1.1.0\"}]");
        assertThat(http.get("/v1/schemas/definition").json().path("$schema").asText())
                .contains("2020-12");
    }
}
