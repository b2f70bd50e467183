package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.config.RedisConfig;
import io.signalbox.config.Secret;
import io.signalbox.verticles.registry.PresenceStore.Entry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;

/** What every {@link PresenceStore} keeps to, on a real Redis. */
@Timeout(60)
class RedisPresenceStoreTest {
    private final Vertx vertx = Vertx.vertx();
    private int port;
    private RedisServer server;

    @BeforeEach
    void start() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        server = new RedisServer(port);
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        vertx.close().await();
        server.stop();
    }

    private PresenceStore store(Duration timeToLive) {
        RedisConfig config = new RedisConfig("redis://127.0.0.1:" + port, new Secret(""), Duration.ofSeconds(2));
        return new RedisPresenceStore(vertx, config, timeToLive);
    }

    private static Optional<Entry> find(PresenceStore store, String agent) throws Exception {
        return store.find(agent).await(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldKeepTheNewestOfEachAgent() throws Exception {
        PresenceStore store = store(Duration.ofMinutes(1));
        Entry old = new Entry("a", 1, "n1", "connected");
        Entry young = new Entry("a", 2, "n 2", "suspended");
        Entry odd = new Entry("b} {\r\nDEL x", 3, "n1", "connected");

        store.put(List.of(old, young, odd)).await(20, TimeUnit.SECONDS);

        assertThat(find(store, "a")).contains(young);
        assertThat(find(store, "b} {\r\nDEL x")).contains(odd);
        assertThat(find(store, "c")).isEmpty();
    }

    @Test
    void shouldForgetWhatIsRemoved() throws Exception {
        PresenceStore store = store(Duration.ofMinutes(1));
        store.put(List.of(new Entry("a", 1, "n1", "connected"))).await(20, TimeUnit.SECONDS);

        store.remove(List.of("a", "never")).await(20, TimeUnit.SECONDS);

        assertThat(find(store, "a")).isEmpty();
    }

    @Test
    void shouldForgetWhatIsNotRefreshed() throws Exception {
        PresenceStore store = store(Duration.ofMillis(100));
        store.put(List.of(new Entry("a", 1, "n1", "connected"))).await(20, TimeUnit.SECONDS);

        while (find(store, "a").isPresent()) {
            TimeUnit.MILLISECONDS.sleep(10); // the test's time limit ends this when it never comes
        }
    }

    @Test
    void shouldConnectAgainAfterTheServerWasAway() throws Exception {
        PresenceStore store = store(Duration.ofMinutes(1));
        Entry entry = new Entry("a", 1, "n1", "connected");
        store.put(List.of(entry)).await(20, TimeUnit.SECONDS);
        server.stop();
        assertThat(store.put(List.of(entry))
                        .transform(result -> io.vertx.core.Future.succeededFuture(result.failed()))
                        .await(20, TimeUnit.SECONDS))
                .isTrue();

        server = new RedisServer(port);
        server.start();

        boolean stored = false;
        while (!stored) {
            stored = store.put(List.of(entry))
                    .transform(result -> io.vertx.core.Future.succeededFuture(result.succeeded()))
                    .await(20, TimeUnit.SECONDS);
        }
        assertThat(find(store, "a")).contains(entry);
    }
}
