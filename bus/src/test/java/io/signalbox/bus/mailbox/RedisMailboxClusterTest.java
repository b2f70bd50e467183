package io.signalbox.bus.mailbox;

import static io.signalbox.bus.redis.RedisCalls.get;
import static io.signalbox.bus.redis.RedisServers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.mailbox.MailboxStore.Changed;
import io.signalbox.bus.mailbox.MailboxStore.Mark;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.redis.RedisServers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a real Redis Cluster of three primaries and three replicas. */
@Timeout(120)
class RedisMailboxClusterTest {
    private final Vertx vertx = Vertx.vertx();
    private final RedisServers servers = RedisServers.cluster();

    @AfterEach
    void stop() {
        get(vertx.close());
        servers.close();
    }

    @Test
    void shouldGoOnWithTheOtherShardsWhenAPrimaryIsLost() {
        RedisLink link =
                get(RedisLink.open(vertx, servers.config(), List.of(RedisMailboxStore.library()), new Random(1)));
        await(link::isUp);
        MailboxStore store = new RedisMailboxStore(link, 10, 1000);
        Set<String> agents = IntStream.range(0, 60).mapToObj(i -> "agent-" + i).collect(Collectors.toSet());
        agents.forEach(agent -> get(store.append(append(agent, 1))));
        Mark all = get(store.changedSince(Mark.START)).until();

        servers.server(0).kill();
        servers.server(3).kill();
        Set<String> appended = agents.stream()
                .filter(agent -> succeeds(store.append(append(agent, 0))))
                .collect(Collectors.toSet());
        Changed some = get(store.changedSince(all));
        servers.server(0).start();
        Set<String> told = new HashSet<>(some.newest().keySet());
        Set<String> lost =
                agents.stream().filter(agent -> !appended.contains(agent)).collect(Collectors.toSet());
        await(() -> lost.stream().allMatch(agent -> succeeds(store.append(append(agent, 0)))));
        Changed others = get(store.changedSince(some.until()));

        assertThat(appended).as("shards that are there").hasSizeBetween(10, 50);
        assertThat(told).isEqualTo(appended);
        assertThat(others.newest().keySet()).as("what could not be asked then").containsAll(lost);
    }

    private static MailboxStore.Append append(String agent, int replicas) {
        MailboxStore.Append message = MailboxStoreContractTest.message(agent, Lane.NORMAL, "m");
        return new MailboxStore.Append(agent, message.lane(), message.id(), message.message(), false, false, replicas);
    }

    private static boolean succeeds(Future<?> call) {
        return get(call.transform(result -> Future.succeededFuture(result.succeeded())));
    }
}
