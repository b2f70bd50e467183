package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.process.NodeProcess;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node in a process of its own that is killed with SIGKILL. */
@Timeout(240)
final class RecoverySystemTest {
    private static final Duration START = Duration.ofSeconds(120);

    @TempDir
    Path directory;

    private SignalboxClient client(NodeProcess node) throws InterruptedException {
        return SignalboxClient.connect(ClientOptions.builder(node.url())
                .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                .connectTimeout(Duration.ofSeconds(60))
                .build());
    }

    @Test
    void shouldKeepTasksAndLetAgentsGoOnWhenTheNodeIsKilled() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (NodeProcess node = new NodeProcess(directory, Map.of("log.level", "info"))) {
            node.start(START);
            try (Http http = new Http(node.url());
                    SignalboxClient client = client(node)) {
                Agent agent = client.agent("survivor")
                        .skill("recovery.work", assignment -> {
                            runs.incrementAndGet();
                            begun.countDown();
                            goOn.await();
                            return Payload.json(Integer.toString(assignment.attempt()));
                        })
                        .attach();
                long generation = agent.generation();
                String held = http.submit("recovery.work", "{}");
                assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
                String queued = http.submit("recovery.work", "{}");

                node.kill();
                node.start(START);
                Eventually.eventually("the agent is attached anew", () -> agent.generation() > generation);
                goOn.countDown();

                http.awaitState(held, "succeeded");
                http.awaitState(queued, "succeeded");
                assertThat(http.task(held).path("output").asInt())
                        .as("the agent kept its assignment over the node's death")
                        .isEqualTo(1);
                assertThat(runs).hasValue(2);
            }
        }
    }

    @Test
    void shouldGiveTheTaskToAnotherAgentWhenNodeAndAgentDieTogether() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Map<String, String> settings = Map.of("allocation.reattach-grace", "1s");
        try (NodeProcess node = new NodeProcess(directory, settings)) {
            node.start(START);
            SignalboxClient dying = client(node);
            dying.agent("dies-too")
                    .skill("recovery.other", assignment -> {
                        begun.countDown();
                        TimeUnit.MINUTES.sleep(5);
                        return Payload.EMPTY;
                    })
                    .attach();
            try (Http http = new Http(node.url())) {
                String task = http.submit("recovery.other", "{}");
                assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

                node.kill();
                dying.simulateCrash();
                node.start(START);
                try (SignalboxClient heir = client(node)) {
                    heir.agent("heir")
                            .skill("recovery.other", assignment -> Payload.json(Integer.toString(assignment.attempt())))
                            .attach();

                    http.awaitState(task, "succeeded");
                    assertThat(http.task(task).path("output").asInt()).isEqualTo(2);
                }
            }
        }
    }

    @Test
    void shouldKeepDefinitionsAndIdempotencyKeysWhenTheNodeIsKilled() throws Exception {
        try (NodeProcess node = new NodeProcess(directory, Map.of())) {
            node.start(START);
            try (Http http = new Http(node.url())) {
                String definition = "{\"name\":\"kept\",\"version\":\"1.0.0\",\"skills\":[{\"name\":\"kept.skill\"}]}";
                String submit = "{\"skill\":\"kept.skill\",\"input\":1}";
                assertThat(http.post("/v1/definitions", definition).status()).isEqualTo(201);
                String task = http.post("/v1/tasks", submit, "Idempotency-Key", "once")
                        .json()
                        .path("id")
                        .asText();

                node.kill();
                node.start(START);

                assertThat(http.get("/v1/definitions/kept").status()).isEqualTo(200);
                assertThat(http.post("/v1/tasks", submit, "Idempotency-Key", "once")
                                .json()
                                .path("id")
                                .asText())
                        .isEqualTo(task);
            }
        }
    }

    @Test
    void shouldGoOnHoldingTasksWhenTheNodeIsKilled() throws Exception {
        try (NodeProcess node = new NodeProcess(directory, Map.of())) {
            node.start(START);
            try (Http http = new Http(node.url())) {
                String first = http.submit("held.skill", "1");
                String parked = submit(http, "\"approval\":true");
                String next = submit(http, "\"requires\":[\"%s\"]".formatted(parked));
                String approved = submit(http, "\"approval\":true,\"requires\":[\"%s\"]".formatted(first));
                http.post("/v1/tasks/" + approved + "/approve", "{}");

                node.kill();
                node.start(START);

                assertThat(http.task(parked).path("code").asText()).isEqualTo("AWAITS_APPROVAL");
                assertThat(http.task(approved).path("code").asText()).isEqualTo("AWAITS_TASKS");
                http.post("/v1/tasks/" + parked + "/approve", "{}");
                try (SignalboxClient client = client(node)) {
                    client.agent("holder")
                            .skill("held.skill", assignment -> assignment.input())
                            .attach();
                    http.awaitState(next, "succeeded");
                    http.awaitState(approved, "succeeded");
                }
            }
        }
    }

    private static String submit(Http http, String plan) throws Exception {
        return http.post("/v1/tasks", "{\"skill\":\"held.skill\"," + plan + "}")
                .json()
                .path("id")
                .asText();
    }
}
