package io.signalbox.bus.redis;

import static io.signalbox.bus.redis.RedisCalls.find;
import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisCalls.reason;
import static io.signalbox.bus.redis.RedisCalls.set;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real Redis behind a network that keeps what was sent and brings it late. */
@Timeout(60)
class LateCommandsTest {
    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.standalone();
    private final Queue<Runnable> kept = new ConcurrentLinkedQueue<>();
    private volatile boolean slow;

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    private RedisLink open() {
        NetServer relay =
                get(vertx.createNetServer().connectHandler(this::relay).listen(0, "127.0.0.1"));
        RedisConfig direct = servers.config();
        RedisConfig config = RedisServers.config(
                direct.mode(), "", "", direct.timeout(), List.of("redis://127.0.0.1:" + relay.actualPort()));
        return get(RedisLink.open(vertx, config, List.of(), new Random(1)));
    }

    private void relay(NetSocket client) {
        client.pause();
        vertx.createNetClient().connect(servers.server(0).port(), "127.0.0.1").onSuccess(redis -> {
            redis.handler(client::write);
            client.handler(bytes -> pass(bytes, redis));
            client.resume();
        });
    }

    private void pass(Buffer bytes, NetSocket redis) {
        if (slow) {
            kept.add(() -> get(redis.write(bytes).otherwiseEmpty()));
        } else {
            redis.write(bytes);
        }
    }

    @Test
    void shouldNotDoWhatWasGivenUpAfterWhatCameLater() {
        RedisLink link = open();
        slow = true;
        assertThat(reason(set(link, "k", "early"))).isEqualTo(Reason.UNKNOWN);
        slow = false;
        await(link::isUp);
        get(set(link, "k", "late"));

        kept.forEach(Runnable::run);

        assertThat(find(link, "k")).isEqualTo("late");
    }
}
