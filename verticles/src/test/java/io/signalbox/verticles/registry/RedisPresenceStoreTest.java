package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisLink;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.RedisMode;
import io.signalbox.config.Secret;
import io.signalbox.verticles.registry.PresenceStore.Entry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisAPI;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

/** On a real Redis. */
class RedisPresenceStoreTest extends PresenceStoreContractTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final List<Entry> ONE = List.of(new Entry("a", 1, "n1", "connected"));

    private final Vertx vertx = Vertx.vertx();
    private int port;
    private RedisServer server;

    @BeforeEach
    void start() throws IOException {
        port = freePort();
        server = new RedisServer(port);
        server.start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws IOException {
        vertx.close().await();
        server.stop();
    }

    private PresenceStore storeAt(int serverPort, Duration timeToLive) {
        RedisConfig config = new RedisConfig(
                List.of("redis://127.0.0.1:" + serverPort),
                RedisMode.STANDALONE,
                "",
                new Secret(""),
                new Secret(""),
                1,
                Duration.ofSeconds(2));
        return new RedisPresenceStore(get(RedisLink.open(vertx, config, List.of(), new Random(1))), timeToLive);
    }

    @Override
    PresenceStore store(Duration timeToLive) {
        return storeAt(port, timeToLive);
    }

    @Override
    PresenceStore away() {
        try {
            return storeAt(freePort(), LONG);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    Vertx vertx() {
        return vertx;
    }

    private static boolean succeeds(Future<?> call) {
        return get(call.transform(result -> Future.succeededFuture(result.succeeded())));
    }

    @Test
    void shouldConnectAgainAfterTheServerWasAway() throws Exception {
        PresenceStore store = store(LONG);
        get(store.put(ONE));
        server.stop();
        assertThat(failure(store.put(ONE))).isNotNull();

        server = new RedisServer(port);
        server.start();

        await(() -> succeeds(store.put(ONE)));
        assertThat(get(store.find("a"))).contains(ONE.getFirst());
    }

    /** One refused command of a batch: the batch was not written. */
    @Test
    void shouldFailWhenTheServerRefusesAWrite() {
        RedisAPI admin = RedisAPI.api(Redis.createClient(vertx, "redis://127.0.0.1:" + port));
        PresenceStore store = store(LONG);
        get(store.put(ONE));
        get(admin.config(List.of("SET", "maxmemory", "1")));

        assertThat(failure(store.put(ONE))).hasMessageContaining("OOM");

        get(admin.config(List.of("SET", "maxmemory", "0")));
        get(store.put(ONE));
    }

    @Test
    void shouldLeaveNothingBehind() {
        RedisAPI admin = RedisAPI.api(Redis.createClient(vertx, "redis://127.0.0.1:" + port));
        PresenceStore store = store(LONG);
        get(store.put(List.of(ONE.getFirst(), new Entry("odd id", 1, "n1", "connected"))));
        assertThat(get(admin.keys("*")).size()).isEqualTo(2);
        assertThat(get(admin.pttl("presence:{a}")).toLong()).isBetween(1L, LONG.toMillis());

        get(store.remove(List.of("a", "odd id")));

        assertThat(get(admin.keys("*")).size()).isZero();
    }
}
