package io.signalbox.node.system;

import static io.signalbox.node.system.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.config.ConfigLoader;
import io.signalbox.node.NodeStores;
import io.signalbox.node.process.NodeProcess;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.AgentBuilder;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Message;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import io.signalbox.sdk.TaskHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes of one cluster over the same stores: two in this JVM, and one that is told to stop in a process of its own. */
@Timeout(240)
final class SeveralNodesSystemTest {
    private static final Duration START = Duration.ofSeconds(120);

    private static final Set<String> ENDED = Set.of("succeeded", "dead");

    private static final AtomicInteger names = new AtomicInteger();

    @TempDir
    static Path storesDirectory;

    @TempDir
    Path directory;

    private static NodeStores stores;
    private static NodeStores.Addresses addresses;
    private static RunningNode staying;
    private static RunningNode neighbour;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        Path programs = Files.createDirectories(Path.of("target", "embedded-programs"));
        Files.createSymbolicLink(storesDirectory.resolve("bin"), programs.toAbsolutePath());
        stores = new NodeStores(ConfigLoader.load(Optional.empty(), Map.of(), Map.of()), storesDirectory);
        addresses = stores.start().await();
        staying = RunningNode.start(settings("staying"));
        neighbour = RunningNode.start(settings("neighbour"));
        http = new Http(staying.url());
    }

    @AfterAll
    static void stop() {
        http.close();
        neighbour.close();
        staying.close();
        stores.stop().await();
    }

    private static Map<String, String> settings(String node) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "postgres.url", addresses.postgres().url(),
                "postgres.user", addresses.postgres().user(),
                "postgres.password", addresses.postgres().password().reveal(),
                "redis.url", String.join(",", addresses.redis().url()),
                "redis.password", addresses.redis().password().reveal()));
        settings.putAll(Map.of(
                "node.id", node,
                "cluster.enabled", "true",
                "cluster.port", "0",
                "gateway.heartbeat", "1s",
                "gateway.resume-grace", "10s",
                "allocation.lease", "10s"));
        return settings;
    }

    private static void publishOnceThereIsARoute(Agent from, Message message) throws Exception {
        eventually("somebody takes it", () -> {
            try {
                from.publish(message);
                return true;
            } catch (SignalboxException e) {
                assertThat(e.code()).isEqualTo(Code.NO_ROUTE);
                return false;
            }
        });
    }

    @Test
    void shouldBringMessagesToAnAgentAtAnotherNode() throws Exception {
        LinkedBlockingQueue<String> came = new LinkedBlockingQueue<>();
        try (SignalboxClient here = SignalboxClient.connect(staying.url());
                SignalboxClient there = SignalboxClient.connect(neighbour.url())) {
            there.agent("live-there")
                    .onMessage(message -> came.add(message.payload().text()))
                    .attach();
            Agent sender = here.agent("live-here").attach();

            publishOnceThereIsARoute(sender, Message.to("agent/live-there", Payload.text("hello")));

            assertThat(came.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
        }
    }

    @Test
    void shouldGiveAVersionToFollowersAtEveryNodeWhicheverDecided() throws Exception {
        String document = "{\"name\":\"several.roll\",\"version\":\"%s\",\"skills\":[{\"name\":\"several.roll\"}]}";
        try (Http other = new Http(neighbour.url());
                SignalboxClient here = SignalboxClient.connect(staying.url());
                SignalboxClient there = SignalboxClient.connect(neighbour.url())) {
            http.post("/v1/definitions", document.formatted("1.0.0"));
            eventually(
                    "the other node knows it",
                    () -> other.get("/v1/definitions/several.roll").status() == 200);
            List<Agent> agents = new ArrayList<>();
            for (SignalboxClient client : List.of(here, there)) {
                agents.add(client.agent("roll-" + agents.size())
                        .definition("several.roll@stable")
                        .skill("several.roll", assignment -> Payload.text(assignment.definitionVersion()))
                        .attach());
            }
            http.post("/v1/definitions", document.formatted("1.1.0"));

            other.post("/v1/definitions/several.roll/channels/stable", "{\"version\":\"1.1.0\",\"revision\":0}");

            eventually(
                    "both agents are told",
                    () -> agents.stream().allMatch(agent -> agent.definition().equals("several.roll@1.1.0")));
            for (int i = 0; i < 6; i++) {
                String task = http.submit("several.roll", "{}");
                http.awaitState(task, "succeeded");
                assertThat(http.task(task).path("output").asText()).isEqualTo("1.1.0");
            }
            assertThat(other.get("/v1/agents/roll-0")
                            .json()
                            .path("definitionVersion")
                            .asText())
                    .isEqualTo("1.1.0");
        }
    }

    @Test
    void shouldBringDurableMessagesToAnAgentAtAnotherNodeWhoseAcknowledgementEndsThem() throws Exception {
        LinkedBlockingQueue<String> came = new LinkedBlockingQueue<>();
        try (SignalboxClient here = SignalboxClient.connect(staying.url());
                SignalboxClient there = SignalboxClient.connect(neighbour.url())) {
            there.agent("durable-there")
                    .onMessage(message -> came.add(message.payload().text()))
                    .attach();
            Agent sender = here.agent("durable-here").attach();
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                sent.add(Integer.toString(i));
                sender.publish(Message.to("agent/durable-there", Payload.text(sent.getLast()))
                        .durable());
            }

            eventually("all came", () -> came.size() >= sent.size());
            assertThat(came).containsExactlyElementsOf(sent);
            eventually(
                    "nothing waits any more",
                    () -> http.get("/v1/agents/durable-there/mailbox")
                                    .json()
                                    .path("messages")
                                    .asInt(-1)
                            == 0);
        }
    }

    private NodeProcess leaving() throws Exception {
        NodeProcess node = new NodeProcess(directory, settings("leaving-" + names.incrementAndGet()));
        node.start(START);
        return node;
    }

    /** Refused while the tasks move to a node that has come. */
    private static String submit(String skill) throws Exception {
        String body = "{\"skill\":\"%s\",\"input\":{}}".formatted(skill);
        List<Http.Answer> accepted = new ArrayList<>();
        eventually("the task is accepted", () -> {
            Http.Answer answer = http.post("/v1/tasks", body);
            accepted.add(answer);
            return answer.status() == 202;
        });
        return accepted.getLast().json().path("id").asText();
    }

    private static String nodeOf(String agent) throws Exception {
        return http.get("/v1/agents/" + agent).json().path("node").asText();
    }

    /** Knows the staying node and the other, and begins with the other. */
    private static SignalboxClient clientOf(String other, String agent, UnaryOperator<AgentBuilder> skills)
            throws Exception {
        ClientOptions options = ClientOptions.builder(staying.url() + "," + other)
                .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                .build();
        while (true) {
            SignalboxClient client = SignalboxClient.connect(options);
            skills.apply(client.agent(agent)).attach();
            eventually("it is known here", () -> !nodeOf(agent).isEmpty());
            if (!nodeOf(agent).equals("staying")) {
                return client;
            }
            client.close();
            eventually("it is gone", () -> nodeOf(agent).isEmpty());
        }
    }

    @Test
    void shouldGoOnWithItsTaskAtAnotherNodeWhenItsNodeIsToldToStop() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger runs = new AtomicInteger();
        try (NodeProcess node = leaving();
                SignalboxClient client = clientOf(
                        node.url(),
                        "carries-on",
                        agent -> agent.skill("nodes.long", assignment -> {
                            runs.incrementAndGet();
                            begun.countDown();
                            goOn.await();
                            return Payload.json(Integer.toString(assignment.attempt()));
                        }))) {
            String task = submit("nodes.long");
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            node.close();
            eventually(
                    "the agent is at the other node", () -> nodeOf("carries-on").equals("staying"));
            goOn.countDown();

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asInt())
                    .as("it is still the first attempt")
                    .isEqualTo(1);
            assertThat(runs).hasValue(1);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    void shouldNotEndAnAgentThatMovedByItselfWhenItsOldNodeLearnsOfIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (TcpProxy path = new TcpProxy(neighbour.port());
                Http old = new Http(neighbour.url());
                SignalboxClient client = clientOf(
                        "http://127.0.0.1:" + path.port(),
                        "moves",
                        agent -> agent.skill("nodes.moving", assignment -> {
                            begun.countDown();
                            goOn.await();
                            return Payload.json(Integer.toString(assignment.attempt()));
                        }))) {
            String task = submit("nodes.moving");
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            path.block();
            eventually("the agent is at the other node", () -> nodeOf("moves").equals("staying"));
            path.restore();
            eventually(
                    "its old node knows",
                    () -> old.get("/v1/agents/moves")
                            .json()
                            .path("node")
                            .asText()
                            .equals("staying"));
            goOn.countDown();

            http.awaitState(task, "succeeded");
            assertThat(http.task(task).path("output").asInt()).isEqualTo(1);
            assertThat(nodeOf("moves")).isEqualTo("staying");
            assertThat(client.isConnected()).isTrue();
        }
    }

    /** Tasks that may be tried once: whatever is given to an agent that does not get it dies. */
    @Test
    void shouldSpendNoAttemptWhenANodeStopsWhileItsAgentsAreAtWork() throws Exception {
        CountDownLatch some = new CountDownLatch(200);
        TaskHandler work = assignment -> {
            some.countDown();
            return Payload.EMPTY;
        };
        try (NodeProcess node = leaving();
                SignalboxClient client = clientOf(node.url(), "at-work", agent -> agent.skill("nodes.once", work))) {
            List<String> workers =
                    IntStream.range(0, 20).mapToObj(n -> "worker-" + n).toList();
            for (String worker : workers) {
                client.agent(worker).skill("nodes.once", work).attach();
            }
            Submitters submitters =
                    new Submitters(http, 4, "{\"skill\":\"nodes.once\",\"input\":{},\"maxAttempts\":1}");
            assertThat(some.await(60, TimeUnit.SECONDS)).isTrue();

            node.close();
            for (String worker : workers) {
                eventually(worker + " has moved", () -> nodeOf(worker).equals("staying"));
            }
            List<String> tasks = submitters.stop();

            for (String task : tasks) {
                eventually("task " + task + " has ended", () -> ENDED.contains(stateOf(task)));
            }
            assertThat(tasks)
                    .allSatisfy(task ->
                            assertThat(stateOf(task)).as("%s", http.task(task)).isEqualTo("succeeded"));
        }
    }

    private static String stateOf(String task) throws Exception {
        return http.task(task).path("state").asText();
    }
}
