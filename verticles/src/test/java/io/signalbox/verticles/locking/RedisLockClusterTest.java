package io.signalbox.verticles.locking;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.get;
import static io.signalbox.verticles.locking.LockWorld.LONG;
import static io.signalbox.verticles.locking.LockWorld.NOT_AT_ALL;
import static io.signalbox.verticles.locking.LockWorld.exclusive;
import static io.signalbox.verticles.locking.LockWorld.owner;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisServers;
import io.signalbox.verticles.locking.LockStore.Renewal;
import io.signalbox.verticles.locking.LockStore.Renewed;
import io.signalbox.verticles.locking.LockStore.Status;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a real Redis Cluster. */
class RedisLockClusterTest {
    private final LockWorld world = new LockWorld(RedisServers.cluster());
    private final LockStore store = world.store();

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void shouldRenewLocksOfLivingServersWhileOneIsDead() {
        List<Renewal> renewals = IntStream.range(0, 60)
                .mapToObj(i -> {
                    long token = get(store.acquire(exclusive("lock" + i, "x", NOT_AT_ALL)))
                            .standings()
                            .getFirst()
                            .token();
                    return new Renewal("lock" + i, owner("x"), token, LONG, 1);
                })
                .toList();
        assertThat(renewed(renewals)).isEqualTo(60);

        world.server().kill();

        await(() -> renewed(renewals) < 60);
        await(() -> renewed(renewals) > 0);
        // Its replica takes over, with what it has.
        await(() -> renewed(renewals) == 60);
    }

    private long renewed(List<Renewal> renewals) {
        List<Renewed> parts = get(store.renew(renewals).otherwise(List.of()));
        return parts.stream()
                .flatMap(part -> part.done().standings().stream())
                .filter(standing -> standing.status() == Status.HELD)
                .count();
    }
}
