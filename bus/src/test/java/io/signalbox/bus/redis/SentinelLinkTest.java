package io.signalbox.bus.redis;

import static io.signalbox.bus.redis.RedisCalls.awaitSuccess;
import static io.signalbox.bus.redis.RedisCalls.failure;
import static io.signalbox.bus.redis.RedisCalls.find;
import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisCalls.reason;
import static io.signalbox.bus.redis.RedisCalls.set;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real primary, its replica and three sentinels. */
@Timeout(90)
class SentinelLinkTest {
    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.sentinel();
    private final RedisProcess primary = servers.server(0);
    private final RedisProcess replica = servers.server(1);

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    private RedisLink open(RedisConfig config) {
        return get(RedisLink.open(vertx, config, List.of(), new Random(1)));
    }

    @Test
    void shouldFollowToTheReplicaThatIsPromotedWhenThePrimaryIsKilled() {
        RedisLink link = open(servers.config());
        AtomicInteger recoveries = new AtomicInteger();
        link.onRecovered(recoveries::incrementAndGet);
        get(link.sendReplicated("k", Request.cmd(Command.SET).arg("k").arg("before"), 1));

        primary.kill();

        assertThat(reason(set(link, "k", "v"))).isIn(Reason.NOT_SENT, Reason.UNKNOWN);
        await(() -> recoveries.get() == 1);
        assertThat(find(link, "k")).isEqualTo("before");
        get(set(link, "k", "after"));
        assertThat(replica.ask("GET k")).contains("after");
    }

    @Test
    void shouldFollowWhenThePrimaryHangsAndNotComeBackToItWhenItIsDemoted() {
        RedisLink link = open(servers.config());
        primary.suspend();
        await(() -> replica.answers("ROLE", "master"));
        awaitSuccess(() -> set(link, "k", "after"));

        primary.resume();
        await(() -> primary.answers("ROLE", "slave"));

        get(set(link, "k", "later"));
        assertThat(replica.ask("GET k")).contains("later");
    }

    @Test
    void shouldDoWithoutASentinel() {
        servers.sentinel(0).kill();
        RedisLink link = open(servers.config());

        get(set(link, "k", "v"));

        assertThat(primary.ask("GET k")).contains("v");
    }

    @Test
    void shouldSayThatTheSentinelsKnowNoSuchPrimary() {
        RedisConfig config = servers.config();

        RedisLink link = open(RedisServers.config(config.mode(), "other", "", config.timeout(), config.url()));

        assertThat(failure(set(link, "k", "v"))).hasMessageContaining("it knows no primary named other");
    }
}
