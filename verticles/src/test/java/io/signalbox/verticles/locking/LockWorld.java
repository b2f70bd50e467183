package io.signalbox.verticles.locking;

import static io.signalbox.verticles.PortCalls.get;

import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisProcess;
import io.signalbox.bus.redis.RedisServers;
import io.signalbox.codecs.proto.LockMode;
import io.signalbox.verticles.locking.LockStore.Claim;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Locks in a real Redis; the epochs, which are PostgreSQL's, are counted here. */
final class LockWorld implements AutoCloseable {
    static final Duration LONG = Duration.ofMinutes(5);
    static final Duration NOT_AT_ALL = Duration.ZERO;

    final Vertx vertx = Vertx.vertx();
    final RedisServers servers;
    final RedisLink link;
    final AtomicInteger epochs = new AtomicInteger();

    LockWorld(RedisServers servers) {
        this.servers = servers;
        this.link = get(RedisLink.open(
                vertx, servers.config(Duration.ofSeconds(10)), List.of(RedisLockStore.library()), new Random(1)));
    }

    RedisProcess server() {
        return servers.server(0);
    }

    RedisLockStore store() {
        return store(Duration.ofSeconds(10), 10_000, 100_000);
    }

    RedisLockStore store(Duration ageing, int maxWaiters, int maxLocks) {
        return new RedisLockStore(
                link,
                () -> Future.succeededFuture(epochs.incrementAndGet()),
                new RedisLockStore.Bounds(ageing, maxWaiters, maxLocks, 1000));
    }

    static Owner owner(String agent) {
        return new Owner(agent, "");
    }

    static Claim exclusive(String name, String agent, Duration patience) {
        return new Claim(name, owner(agent), LockMode.LOCK_MODE_EXCLUSIVE, 1, 5, LONG, patience, false, 1);
    }

    @Override
    public void close() {
        get(vertx.close());
        servers.close();
    }
}
