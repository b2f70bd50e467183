package io.signalbox.node.system;

import static io.signalbox.node.system.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.codecs.Code;
import io.signalbox.config.ConfigLoader;
import io.signalbox.node.NodeStores;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.HeldLock;
import io.signalbox.sdk.LockOptions;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SharedDocument;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.SignalboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agents that coordinate over two nodes of one cluster, with the SDK and without. */
@Timeout(240)
final class LocksSystemTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final LockOptions SHORT = LockOptions.exclusive().withLease(Duration.ofMillis(500));

    @TempDir
    static Path directory;

    private static NodeStores stores;
    private static RunningNode one;
    private static RunningNode other;
    private static Http http;

    private final String name = "l" + UUID.randomUUID();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    static void start() throws Exception {
        Path programs = Files.createDirectories(Path.of("target", "embedded-programs"));
        Files.createSymbolicLink(directory.resolve("bin"), programs.toAbsolutePath());
        stores = new NodeStores(ConfigLoader.load(Optional.empty(), Map.of(), Map.of()), directory);
        NodeStores.Addresses addresses = stores.start().await();
        one = RunningNode.start(settings(addresses, "one"));
        other = RunningNode.start(settings(addresses, "other"));
        http = new Http(one.url());
    }

    private static Map<String, String> settings(NodeStores.Addresses addresses, String id) {
        return Map.of(
                "node.id", id,
                "cluster.enabled", "true",
                "cluster.port", "0",
                "postgres.url", addresses.postgres().url(),
                "postgres.user", addresses.postgres().user(),
                "postgres.password", addresses.postgres().password().reveal(),
                "redis.url", String.join(",", addresses.redis().url()),
                "redis.password", addresses.redis().password().reveal());
    }

    @AfterAll
    static void stop() {
        http.close();
        other.close();
        one.close();
        stores.stop().await();
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private SignalboxClient client(RunningNode node) throws InterruptedException {
        return SignalboxClient.connect(node.url());
    }

    private Agent agent(SignalboxClient client, String id) throws InterruptedException {
        return client.agent(id + "-" + name).attach();
    }

    private <T> Future<T> start(Callable<T> work) {
        return threads.submit(work);
    }

    private JsonNode seen() throws Exception {
        return http.get("/v1/locks/" + name).json();
    }

    @Test
    void shouldBeHeldByOneAtATimeAndTheTokenGrows() throws Exception {
        try (SignalboxClient here = client(one);
                SignalboxClient there = client(other)) {
            Agent x = agent(here, "x");
            Agent y = agent(there, "y");
            HeldLock first = x.coordination().lock(name);
            Future<Long> second = start(() -> {
                try (HeldLock lock = y.coordination().lock(name)) {
                    return lock.token();
                }
            });
            eventually("y waits", () -> seen().path("waiting").asInt() == 1);

            JsonNode lock = seen();
            first.close();

            assertThat(lock.path("holders").path(0).path("agent").asText()).isEqualTo(x.id());
            assertThat(lock.path("holders").path(0).path("token").asText()).isEqualTo(Long.toString(first.token()));
            assertThat(lock.path("waiters").path(0).path("agent").asText()).isEqualTo(y.id());
            assertThat(lock.path("waiters").path(0).path("reason").asText()).contains(x.id());
            assertThat(second.get(20, TimeUnit.SECONDS)).isGreaterThan(first.token());
            eventually("it is free", () -> http.get("/v1/locks/" + name).status() == 404);
        }
    }

    @Test
    void shouldCountTheThreadsOwnAndRefuseOtherThreadsOfTheAgent() throws Exception {
        try (SignalboxClient client = client(one)) {
            Agent x = agent(client, "x");

            try (HeldLock outer = x.coordination().lock(name)) {
                try (HeldLock inner = x.coordination().lock(name)) {
                    assertThat(inner.token()).isEqualTo(outer.token());
                }
                Future<Boolean> byAnother = start(
                        () -> x.coordination().tryLock(name, Duration.ZERO).isPresent());

                assertThat(outer.isHeld()).isTrue();
                assertThat(byAnother.get(20, TimeUnit.SECONDS)).isFalse();
            }
            assertThat(x.coordination().tryLock(name, Duration.ZERO)).isPresent();
        }
    }

    @Test
    void shouldGoToTheNextWhenTheHolderDies() throws Exception {
        try (SignalboxClient there = client(other)) {
            SignalboxClient here = client(one);
            Agent x = agent(here, "x");
            HeldLock lost = start(() -> x.coordination().lock(name, SHORT)).get(20, TimeUnit.SECONDS);
            Future<HeldLock> next = start(() -> agent(there, "y").coordination().lock(name));
            eventually("y waits", () -> seen().path("waiting").asInt() == 1);

            here.simulateCrash();

            assertThat(next.get(20, TimeUnit.SECONDS).token()).isGreaterThan(lost.token());
            assertThat(lost.isHeld()).isFalse();
        }
    }

    @Test
    void shouldGoToTheNextWhenTheHoldersAgentLeaves() throws Exception {
        try (SignalboxClient there = client(other)) {
            SignalboxClient here = client(one);
            Agent x = agent(here, "x");
            LockOptions outliving = LockOptions.exclusive().withLease(Duration.ofMinutes(5));
            HeldLock left = x.coordination().lock(name, outliving);

            here.close();

            assertThat(agent(there, "y").coordination().tryLock(name, LONG)).isPresent();
            assertThat(left.isHeld()).isFalse();
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void shouldInterruptAHolderThatIsPreempted() throws Exception {
        try (SignalboxClient here = client(one);
                SignalboxClient there = client(other)) {
            CountDownLatch held = new CountDownLatch(1);
            Agent x = agent(here, "x");
            Future<String> interrupted = start(() -> {
                try (HeldLock lock =
                        x.coordination().lock(name, LockOptions.exclusive().withPriority(2))) {
                    held.countDown();
                    new CountDownLatch(1).await();
                    return "never, under " + lock;
                } catch (InterruptedException e) {
                    return "interrupted";
                }
            });
            assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();

            LockOptions urgent = LockOptions.exclusive().withPriority(8).preempting();
            HeldLock taken = agent(there, "y")
                    .coordination()
                    .tryLock(name, urgent, Duration.ZERO)
                    .orElseThrow();

            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isEqualTo("interrupted");
            assertThat(taken.isHeld()).isTrue();
        }
    }

    @Test
    void shouldReportWhoWaitsForWhomInACircle() throws Exception {
        try (SignalboxClient here = client(one);
                SignalboxClient there = client(other)) {
            List<Agent> agents = List.of(agent(here, "x"), agent(there, "y"));
            CountDownLatch both = new CountDownLatch(2);
            for (int i = 0; i < 2; i++) {
                int own = i;
                start(() -> {
                    try (HeldLock first = agents.get(own).coordination().lock(name + own)) {
                        both.countDown();
                        both.await();
                        return agents.get(own).coordination().lock(name + (1 - own));
                    }
                });
            }

            eventually(
                    "a deadlock is seen",
                    () -> http.get("/v1/deadlocks").response().body().contains(name));

            JsonNode steps =
                    http.get("/v1/deadlocks").json().path("deadlocks").path(0).path("steps");
            assertThat(steps).hasSize(2);
            assertThat(steps.findValuesAsText("agent"))
                    .containsExactlyInAnyOrder(agents.get(0).id(), agents.get(1).id());
        }
    }

    @Test
    void shouldHaveOneLeaderAndRefuseWhatAFormerOneWrites() throws Exception {
        try (SignalboxClient here = client(one);
                SignalboxClient there = client(other)) {
            Agent x = agent(here, "x");
            Agent y = agent(there, "y");
            HeldLock former = x.coordination().lead(name);
            long revision = x.coordination().putDocument(name, 0, Payload.text("x leads"), former.token());
            assertThat(y.coordination().tryLead(name, Duration.ZERO)).isEmpty();
            former.close();

            HeldLock present = y.coordination().lead(name);
            long next = y.coordination().putDocument(name, revision, Payload.text("y leads"), present.token());

            assertThatThrownBy(() ->
                            x.coordination().putDocument(name, next, Payload.text("x still leads"), former.token()))
                    .isInstanceOfSatisfying(
                            SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.TOKEN_SUPERSEDED));
            assertThatThrownBy(() -> y.coordination().putDocument(name, revision, Payload.text("?"), present.token()))
                    .isInstanceOfSatisfying(
                            SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.CONFLICT));
            SharedDocument document = x.coordination().document(name).orElseThrow();
            assertThat(document.content().text()).isEqualTo("y leads");
            assertThat(document.writer()).isEqualTo("agent/" + y.id());
        }
    }

    @Test
    void shouldPassABarrierTogetherAndAgain() throws Exception {
        try (SignalboxClient here = client(one);
                SignalboxClient there = client(other)) {
            List<Agent> agents = List.of(agent(here, "x"), agent(there, "y"), agent(there, "z"));
            for (long phase = 1; phase <= 3; phase++) {
                List<Future<Long>> passing = agents.stream()
                        .map(agent -> start(() -> agent.coordination().awaitBarrier(name, 3, LONG)))
                        .toList();
                for (Future<Long> each : passing) {
                    assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(phase);
                }
            }
            assertThatThrownBy(() -> agents.getFirst().coordination().awaitBarrier(name, 3, Duration.ofMillis(50)))
                    .isInstanceOf(SignalboxException.class);
        }
    }

    @Test
    void shouldGiveNoMorePermitsThanThereAre() throws Exception {
        try (SignalboxClient client = client(one)) {
            Agent x = agent(client, "x");
            CompletableFuture<Void> end = new CompletableFuture<>();
            List<Future<Boolean>> holders = IntStream.range(0, 5)
                    .mapToObj(i -> start(() -> {
                        try (HeldLock permit = x.coordination().lock(name, LockOptions.permitOf(3))) {
                            end.get();
                            return permit.isHeld();
                        }
                    }))
                    .toList();

            eventually("three hold and two wait", () -> {
                JsonNode lock = seen();
                return lock.path("holding").asInt() == 3 && lock.path("waiting").asInt() == 2;
            });

            end.complete(null);
            for (Future<Boolean> holder : holders) {
                assertThat(holder.get(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void shouldServeAgentsWithoutTheSdk() throws Exception {
        try (AgentSocket x = AgentSocket.welcomed(one);
                AgentSocket y = AgentSocket.welcomed(other)) {
            x.send("{'ref':1,'agent':1,'attach':{'id':'x-" + name + "'}}");
            y.send("{'ref':1,'agent':1,'attach':{'id':'y-" + name + "'}}");
            x.await("attached");
            y.await("attached");
            String acquire = "{'ref':2,'agent':1,'message':{'address':'$sys/locks','type':'AcquireLock',"
                    + "'payload':{'name':'" + name + "','waitMs':20000}}}";

            x.send(acquire);
            JsonNode granted = x.await("message").path("payload");
            y.send(acquire);
            JsonNode waiting = y.await("message").path("payload");
            x.send("{'ref':3,'agent':1,'message':{'address':'$sys/locks','type':'ReleaseLock'," + "'payload':{'name':'"
                    + name + "'}}}");
            JsonNode notice = y.await("message");

            assertThat(granted.path("state").asText()).isEqualTo("LOCK_STATE_HELD");
            assertThat(waiting.path("state").asText()).isEqualTo("LOCK_STATE_WAITING");
            assertThat(notice.path("type").asText()).isEqualTo("LockGranted");
            assertThat(notice.path("payload").path("token").asLong())
                    .isGreaterThan(granted.path("token").asLong());
        }
    }

    @Test
    void shouldRefuseWhatIsNoRequest() throws Exception {
        try (AgentSocket socket = AgentSocket.welcomed(one)) {
            socket.send("{'ref':1,'agent':1,'attach':{'id':'x-" + name + "'}}");
            socket.await("attached");
            String head = "'message':{'address':'$sys/locks','type':";
            Map<String, Code> refused = Map.of(
                    "{'ref':2," + head + "'AcquireLock','payload':{'name':'a'}}}",
                    Code.UNSUPPORTED,
                    "{'agent':1," + head + "'AcquireLock','payload':{'name':'a'}}}",
                    Code.UNSUPPORTED,
                    "{'ref':3,'agent':1," + head + "'LockView','payload':{}}}",
                    Code.UNSUPPORTED,
                    "{'ref':4,'agent':1," + head + "'AcquireLock','payload':{'nam':'a'}}}",
                    Code.MALFORMED,
                    "{'ref':5,'agent':1," + head + "'AcquireLock','payload':{'name':''}}}",
                    Code.INVALID_ARGUMENT,
                    "{'ref':6,'agent':1," + head + "'AcquireLock','payload':{'name':'a','leaseMs':1}}}",
                    Code.INVALID_ARGUMENT,
                    "{'ref':7,'agent':1,'message':{'address':'$sys/registry','payload':{}}}",
                    Code.FORBIDDEN);
            for (Map.Entry<String, Code> each : refused.entrySet()) {
                socket.send(each.getKey());
                assertThat(socket.error())
                        .as(each.getKey())
                        .isEqualTo(each.getValue().number());
            }
        }
    }
}
