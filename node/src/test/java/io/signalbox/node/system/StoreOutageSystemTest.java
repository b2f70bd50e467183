package io.signalbox.node.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signalbox.node.embedded.EmbeddedStores;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.node.embedded.StoreKind;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Outside stores that go away, closed or hung, while a node needs them. */
@Timeout(120)
final class StoreOutageSystemTest {
    @TempDir
    static Path directory;

    private static EmbeddedStores stores;
    private static TcpProxy postgres;
    private static TcpProxy redis;
    private static RunningNode node;
    private static Http http;

    @BeforeAll
    static void start() throws Exception {
        stores = new EmbeddedStores(directory, EnumSet.allOf(StoreKind.class), new SecureRandom());
        Map<StoreKind, StoreAddress> addresses = stores.start().await();
        StoreAddress database = addresses.get(StoreKind.POSTGRES);
        StoreAddress cache = addresses.get(StoreKind.REDIS);
        postgres = new TcpProxy(URI.create(database.url()).getPort());
        redis = new TcpProxy(URI.create(cache.url()).getPort());
        Map<String, String> settings = new HashMap<>();
        settings.put("postgres.url", through(postgres, database));
        settings.put("postgres.user", database.user());
        settings.put("postgres.password", database.password().reveal());
        settings.put("postgres.timeout", "500ms");
        settings.put("redis.url", through(redis, cache));
        settings.put("redis.password", cache.password().reveal());
        node = RunningNode.start(settings);
        http = new Http(node.url());
    }

    private static String through(TcpProxy proxy, StoreAddress address) {
        URI direct = URI.create(address.url());
        return direct.toString().replace(":" + direct.getPort(), ":" + proxy.port());
    }

    @AfterEach
    void restore() {
        postgres.restore();
        redis.restore();
    }

    @AfterAll
    static void stop() throws Exception {
        http.close();
        node.close();
        postgres.close();
        redis.close();
        stores.stop().await();
    }

    static Stream<Consumer<TcpProxy>> outages() {
        return Stream.of(TcpProxy::cut, TcpProxy::block);
    }

    @ParameterizedTest
    @MethodSource("outages")
    void shouldRefuseHonestlyAndKeepWhatItAcceptedWhenTheDatabaseGoesAway(Consumer<TcpProxy> outage) throws Exception {
        Set<String> accepted = new TreeSet<>();
        accepted.add(accepted(submit("before-" + System.identityHashCode(outage))));
        outage.accept(postgres);
        List<String> refusedKeys = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String key = "during-" + System.identityHashCode(outage) + "-" + i;
            Http.Answer answer = submit(key);
            assertThat(answer.status()).as("what comes during the outage").isIn(202, 503);
            if (answer.status() == 503) {
                assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
                assertThat(answer.code()).isIn("UNAVAILABLE", "TIMEOUT", "OVERLOADED");
                refusedKeys.add(key);
            } else {
                accepted.add(accepted(answer));
            }
        }
        assertThat(refusedKeys).isNotEmpty();
        assertThat(http.get("/readyz").status()).isEqualTo(503);
        assertThat(http.get("/livez").status()).isEqualTo(200);

        postgres.restore();
        for (String key : refusedKeys) {
            Eventually.eventually("the repeated submit is accepted", () -> {
                Http.Answer answer = submit(key);
                return answer.status() / 100 == 2 && (accepted.add(accepted(answer)) || true);
            });
        }

        assertThat(accepted).as("one task for each key").hasSize(31);
        Set<String> done = new HashSet<>();
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("after-outage")
                    .skill("outage.work", assignment -> {
                        done.add(assignment.task());
                        return Payload.EMPTY;
                    })
                    .attach();
            for (String task : accepted) {
                http.awaitState(task, "succeeded");
            }
        }
        assertThat(done).isEqualTo(accepted);
    }

    private static Http.Answer submit(String key) throws Exception {
        return http.post("/v1/tasks", "{\"skill\":\"outage.work\",\"input\":1}", "Idempotency-Key", key);
    }

    private static String accepted(Http.Answer answer) {
        assertThat(answer.status()).as(answer.response().body()).isIn(200, 202);
        return answer.json().path("id").asText();
    }

    @Test
    void shouldStoreTheResultOnceTheDatabaseIsBack() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("result-1")
                    .skill("outage.result", assignment -> {
                        postgres.cut();
                        return Payload.json("7");
                    })
                    .attach();
            String task = http.submit("outage.result", "1");
            Eventually.eventually(
                    "the database is away", () -> http.get("/readyz").status() == 503);

            postgres.restore();

            Eventually.eventually(
                    "the task has ended",
                    () -> http.get("/v1/tasks/" + task).status() == 200
                            && http.task(task).path("state").asText().equals("succeeded"));
            assertThat(http.task(task).path("output").asInt()).isEqualTo(7);
        }
    }

    @Test
    void shouldGoOnWithMessagesAndTasksWhenRedisGoesAway() throws Exception {
        try (SignalboxClient client = SignalboxClient.connect(node.url())) {
            client.agent("no-redis")
                    .skill("outage.redis", assignment -> Payload.json("1"))
                    .attach();

            redis.cut();
            String task = http.submit("outage.redis", "1");

            http.awaitState(task, "succeeded");
        }
    }

    @Test
    void shouldRefuseToRetainAndGiveWhatIsRetainedOnceRedisIsBack() throws Exception {
        try (AgentSocket writer = AgentSocket.welcomed(node);
                AgentSocket reader = AgentSocket.welcomed(node)) {
            writer.send("{'ref':1,'message':{'address':'outage/a','retain':true,'payload':'before'}}");
            writer.await("receipt");
            redis.cut();
            writer.send("{'ref':2,'message':{'address':'outage/a','retain':true,'payload':'during'}}");
            JsonNode error = writer.await("error");
            reader.send("{'ref':1,'subscribe':{'pattern':'outage/a'}}");
            reader.send("{'ref':2,'subscribe':{'pattern':'outage/+'}}");
            reader.await("the second receipt", entry -> entry.path("ref").asInt() == 2);
            writer.send("{'message':{'address':'outage/a','payload':'live'}}");
            assertThat(reader.await("message").path("payload").asText()).isEqualTo("live");
            assertThat(reader.await("message").path("payload").asText()).isEqualTo("live");

            redis.restore();

            assertThat(reader.await("message").path("payload").asText()).isEqualTo("before");
            assertThat(reader.await("message").path("retain").asBoolean()).isTrue();
            assertThat(error.path("code").asInt()).isIn(1001, 1003);
            assertThat(error.path("retryAfterMs").asInt()).isPositive();
        }
    }
}
