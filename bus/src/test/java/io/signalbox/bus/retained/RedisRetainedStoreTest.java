package io.signalbox.bus.retained;

import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisProcess;
import io.signalbox.bus.redis.RedisServers;
import io.signalbox.bus.retained.RetainedStore.Position;
import io.signalbox.bus.retained.RetainedStore.Size;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a real Redis that syncs its file before each answer. */
class RedisRetainedStoreTest extends RetainedStoreContractTest {
    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.standalone();
    private final RedisProcess server = servers.server(0);
    private final RedisLink link = get(RedisLink.open(
            vertx, servers.config(Duration.ofSeconds(10)), List.of(RedisRetainedStore.library()), new Random(1)));

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    @Override
    RetainedStore store(long maxMessages, long maxBytes) {
        return new RedisRetainedStore(link, maxMessages, maxBytes);
    }

    @Test
    void shouldHaveAfterAKillWhatItAcknowledgedBefore() {
        RetainedStore store = store();
        get(store.put(put("kept", "1")));
        get(store.put(put("removed", "1")));
        get(store.remove("removed", 0));

        server.kill();
        server.start();
        await(link::isUp);

        assertThat(at(store, "kept")).contains("1");
        assertThat(at(store, "removed")).isEmpty();
        assertThat(get(store.purge())).isEqualTo(new Size(1, 5));
    }

    /** One key stays for each bucket: it keeps revisions from going back. */
    @Test
    void shouldLeaveNothingOfAddressesBehindThatHaveNoMessage() {
        RetainedStore store = store();
        for (int i = 0; i < 200; i++) {
            get(store.put(new RetainedStore.Put("address/" + i, new byte[9], 60_000, 0)));
        }
        for (int i = 0; i < 200; i++) {
            get(store.remove("address/" + i, 0));
        }

        assertThat(server.ask("KEYS *").lines().filter(line -> line.startsWith("{")))
                .hasSizeLessThanOrEqualTo(RetainedKeys.BUCKETS)
                .allMatch(key -> key.endsWith(":state"));
    }

    @Test
    void shouldNotGoBackWithTheClock() {
        RetainedStore store = store();
        get(store.put(put("a", "1")));
        long ahead = get(store.get("a")).orElseThrow().revision() + 3_600_000_000L;
        server.ask("HSET " + RetainedKeys.of(RetainedKeys.bucket("a")).state() + " revision " + ahead);

        assertThat(get(store.put(put("a", "2")))).isEqualTo(ahead + 1);
        assertThat(get(store.remove("a", 0))).isEqualTo(ahead + 2);
    }

    @Test
    void shouldGiveOutAndRemoveButNotTakeInWhenRedisIsOutOfMemory() {
        RetainedStore store = store();
        get(store.put(put("a", "1")));
        server.ask("CONFIG SET maxmemory 1");

        assertThat(failure(store.put(put("b", "1")))).hasMessageStartingWith("OOM");

        assertThat(at(store, "a")).contains("1");
        get(store.remove("a", 0));
        assertThat(get(store.purge()).messages()).isZero();
    }

    @Test
    void shouldFailWithWhatIsKnownWhenRedisIsAway() {
        RetainedStore store = store();
        List<Supplier<Future<?>>> calls = List.of(
                () -> store.put(put("a", "1")),
                () -> store.remove("a", 0),
                () -> store.get("a"),
                () -> store.page(new AddressPattern("#"), Position.START, 1),
                store::purge);

        server.kill();

        // The connections notice it one after the other.
        calls.forEach(call -> await(() -> ((RedisFailure) failure(call.get())).reason() == Reason.NOT_SENT));
    }
}
