package io.signalbox.bus.retained;

import static io.signalbox.bus.redis.RedisCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisServers;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real Redis Cluster of three primaries, emptied before each test. */
class ClusterRetainedStoreTest extends RetainedStoreContractTest {
    private static final Vertx vertx = Vertx.vertx();
    private static final RedisServers servers = RedisServers.cluster();
    private static final RedisLink link = get(RedisLink.open(
            vertx, servers.config(Duration.ofSeconds(10)), List.of(RedisRetainedStore.library()), new Random(1)));

    @BeforeEach
    void empty() {
        IntStream.range(0, 3).forEach(i -> servers.server(i).ask("FLUSHALL"));
    }

    @AfterAll
    static void stop() {
        get(vertx.close());
        servers.close();
    }

    @Override
    RetainedStore store(long maxMessages, long maxBytes) {
        return new RedisRetainedStore(link, maxMessages, maxBytes);
    }

    @Test
    void shouldSpreadOverAllServers() {
        RetainedStore store = store();
        for (int i = 0; i < 100; i++) {
            get(store.put(put("address/" + i, "x")));
        }

        assertThat(IntStream.range(0, 3).mapToObj(servers::server))
                .allMatch(server -> server.ask("KEYS *").contains(":messages"));
    }

    @Test
    void shouldBeOnReplicasWhenThatIsWanted() {
        RetainedStore store = store();

        get(store.put(new RetainedStore.Put("a", new byte[] {'1'}, 0, 1)));

        assertThat(at(store, "a")).contains("1");
        assertThat(failure(store.remove("a", 2))).hasMessageContaining("replica");
    }
}
