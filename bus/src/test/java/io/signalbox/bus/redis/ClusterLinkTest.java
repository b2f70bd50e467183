package io.signalbox.bus.redis;

import static io.signalbox.bus.redis.RedisCalls.awaitSuccess;
import static io.signalbox.bus.redis.RedisCalls.find;
import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisCalls.reason;
import static io.signalbox.bus.redis.RedisCalls.set;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real cluster of three primaries and three replicas. */
@Timeout(120)
class ClusterLinkTest {
    private static final int THIRD = 16_384 / 3;

    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.cluster();

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    private RedisLink open() {
        return get(RedisLink.open(vertx, servers.config(), List.of(), new Random(1)));
    }

    /** One whose slot the primary of that number has at first. */
    private static String keyOf(int primary) {
        return IntStream.range(0, 100_000)
                .mapToObj(i -> "{tag-" + i + "}")
                .filter(key -> HashSlot.of(key) / THIRD == primary)
                .findFirst()
                .orElseThrow();
    }

    private static Future<Response> push(RedisLink link, String key, int value) {
        return link.send(key, Request.cmd(Command.RPUSH).arg(key).arg(value));
    }

    @Test
    void shouldSendEachCommandToTheServerThatHasItsSlot() {
        RedisLink link = open();
        Random random = new Random(7);

        for (int i = 0; i < 300; i++) {
            String key =
                    "a" + Integer.toHexString(random.nextInt()) + "{" + Integer.toHexString(random.nextInt()) + "}";
            get(set(link, key, "v"));
            assertThat(servers.server(0).ask("CLUSTER KEYSLOT " + key)).contains(":" + HashSlot.of(key));
        }

        assertThat(link.isUp()).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(servers.server(i).ask("INFO commandstats"))
                    .contains("cmdstat_set:")
                    .doesNotContainPattern("cmdstat_set:.*rejected_calls=[1-9]");
        }
    }

    @Test
    void shouldHoldAtMostAHundredConnectionsInAll() {
        RedisConfig few = servers.config();
        RedisConfig many =
                new RedisConfig(few.url(), few.mode(), "", few.password(), few.sentinelPassword(), 99, few.timeout());

        get(RedisLink.open(vertx, many, List.of(), new Random(1)));

        assertThat(IntStream.range(0, 3)
                        .mapToObj(i -> servers.server(i).ask("CLIENT LIST"))
                        .mapToLong(clients -> clients.lines()
                                .filter(line -> line.contains("name=signalbox"))
                                .count())
                        .sum())
                .isBetween(90L, 100L);
    }

    @Test
    void shouldGoOnWithTheOtherShardsWhenOneIsLostAndFollowItsReplica() {
        RedisLink link = open();
        AtomicInteger recoveries = new AtomicInteger();
        link.onRecovered(recoveries::incrementAndGet);
        get(link.sendReplicated(keyOf(0), Request.cmd(Command.SET).arg(keyOf(0)).arg("before"), 1));

        servers.server(0).kill();

        assertThat(reason(set(link, keyOf(0), "v"))).isIn(Reason.NOT_SENT, Reason.UNKNOWN);
        assertThat(link.isUp()).isFalse();
        AtomicInteger others = new AtomicInteger();
        await(() -> {
            get(set(link, keyOf(1), "v"));
            get(set(link, keyOf(2), "v"));
            others.incrementAndGet();
            return link.isUp();
        });
        assertThat(others).as("rounds while a shard was away").hasValueGreaterThan(10);
        assertThat(recoveries).hasValue(1);
        assertThat(find(link, keyOf(0))).isEqualTo("before");
        assertThat(servers.server(3).ask("GET " + keyOf(0))).contains("before");
    }

    @Test
    void shouldFollowWhenAPrimaryHangs() {
        RedisLink link = open();
        servers.server(1).suspend();

        awaitSuccess(() -> set(link, keyOf(1), "v"));

        assertThat(servers.server(4).ask("GET " + keyOf(1))).contains("v");
    }

    /** What is under way of a slot goes on in its order, whether the old or the new server has it. */
    @Test
    void shouldKeepTheOrderUnderOneKeyWhenItsSlotMoves() {
        RedisLink link = open();
        String key = keyOf(0);
        List<Future<Response>> answers = new ArrayList<>();

        for (int i = 0; i < 20_000; i++) {
            answers.add(push(link, key, i));
            if (i == 10_000) {
                migrate(key, servers.server(0), servers.server(1));
            }
        }

        for (int i = 0; i < answers.size(); i++) {
            assertThat(get(answers.get(i)).toInteger()).isEqualTo(i + 1);
        }
        assertThat(servers.server(1).ask("LINDEX " + key + " 19999")).contains("19999");
    }

    private void migrate(String key, RedisProcess from, RedisProcess to) {
        int slot = HashSlot.of(key);
        String fromId = id(from);
        String toId = id(to);
        to.ask("CLUSTER SETSLOT " + slot + " IMPORTING " + fromId);
        from.ask("CLUSTER SETSLOT " + slot + " MIGRATING " + toId);
        from.ask("MIGRATE 127.0.0.1 " + to.port() + " " + key + " 0 5000");
        to.ask("CLUSTER SETSLOT " + slot + " NODE " + toId);
        from.ask("CLUSTER SETSLOT " + slot + " NODE " + toId);
    }

    private static String id(RedisProcess server) {
        return server.ask("CLUSTER MYID").lines().skip(1).findFirst().orElseThrow();
    }

    /** The slot is on its way: some of its keys are there already, the old server still has it. */
    @Test
    void shouldFollowOneKeyAheadOfItsSlot() {
        RedisLink link = open();
        String key = keyOf(0);
        get(push(link, key, 1));
        servers.server(1).ask("CLUSTER SETSLOT " + HashSlot.of(key) + " IMPORTING " + id(servers.server(0)));
        servers.server(0).ask("CLUSTER SETSLOT " + HashSlot.of(key) + " MIGRATING " + id(servers.server(1)));
        servers.server(0).ask("MIGRATE 127.0.0.1 " + servers.server(1).port() + " " + key + " 0 5000");

        assertThat(get(push(link, key, 2)).toInteger()).isEqualTo(2);
        assertThat(get(push(link, key, 3)).toInteger()).isEqualTo(3);
    }

    @Test
    void shouldFollowWhenPrimaryAndReplicaChangePlaces() {
        RedisLink link = open();
        get(set(link, keyOf(2), "before"));

        servers.server(5).ask("CLUSTER FAILOVER");

        await(() -> servers.server(5).answers("ROLE", "master"));
        awaitSuccess(() -> set(link, keyOf(2), "after"));
        await(link::isUp);
        assertThat(servers.server(5).ask("GET " + keyOf(2))).contains("after");
    }

    @Test
    void shouldKnowTheClusterAlsoWhenTheNodesOfTheConfigurationAreGone() {
        RedisLink link = open();
        for (int i = 0; i < 3; i++) {
            servers.server(i).kill();
            int lost = i;
            awaitSuccess(() -> set(link, keyOf(lost), "v"));
        }

        assertThat(link.isUp()).isTrue();
    }
}
