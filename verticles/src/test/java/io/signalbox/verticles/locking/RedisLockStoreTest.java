package io.signalbox.verticles.locking;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static io.signalbox.verticles.locking.LockWorld.LONG;
import static io.signalbox.verticles.locking.LockWorld.NOT_AT_ALL;
import static io.signalbox.verticles.locking.LockWorld.exclusive;
import static io.signalbox.verticles.locking.LockWorld.owner;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisServers;
import io.signalbox.codecs.proto.LockMode;
import io.signalbox.verticles.locking.LockStore.Claim;
import io.signalbox.verticles.locking.LockStore.Done;
import io.signalbox.verticles.locking.LockStore.Event;
import io.signalbox.verticles.locking.LockStore.Lock;
import io.signalbox.verticles.locking.LockStore.Page;
import io.signalbox.verticles.locking.LockStore.Place;
import io.signalbox.verticles.locking.LockStore.Renewal;
import io.signalbox.verticles.locking.LockStore.Renewed;
import io.signalbox.verticles.locking.LockStore.Seen;
import io.signalbox.verticles.locking.LockStore.Standing;
import io.signalbox.verticles.locking.LockStore.Status;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a real Redis that syncs its file before each answer. What the functions decide, {@link LockFunctionsModelTest} compares. */
class RedisLockStoreTest {
    private final LockWorld world = new LockWorld(RedisServers.replicated());
    private final LockStore store = world.store();

    @AfterEach
    void stop() {
        world.close();
    }

    private static Standing standing(Done done) {
        return done.standings().getFirst();
    }

    private long take(String name, String agent) {
        Standing standing = standing(get(store.acquire(exclusive(name, agent, NOT_AT_ALL))));
        assertThat(standing.status()).isEqualTo(Status.HELD);
        return standing.token();
    }

    private void leave(String name, String agent) {
        get(store.release(name, owner(agent), 0));
    }

    @Test
    void shouldGiveGreaterTokensAfterEveryLoss() {
        List<Long> tokens = new ArrayList<>();
        List<Runnable> losses = List.of(
                () -> leave("a", "x"),
                () -> world.server().ask("FLUSHALL"),
                () -> {
                    world.server().kill();
                    world.server().start();
                    await(world.link::isUp);
                    leave("a", "x");
                },
                () -> {
                    world.server().kill();
                    world.server().wipe();
                    world.server().start();
                    await(world.link::isUp);
                },
                // a promotion gives the server another history, with the data as it was
                () -> {
                    leave("a", "x");
                    world.server().ask("REPLICAOF 127.0.0.1 1");
                    world.server().ask("REPLICAOF NO ONE");
                    await(world.link::isUp);
                });

        tokens.add(take("a", "x"));
        for (Runnable loss : losses) {
            loss.run();
            await(() -> get(store.sweep(0).map(true).otherwise(false)));
            tokens.add(take("a", "x"));
        }

        assertThat(tokens).isSorted().doesNotHaveDuplicates();
        assertThat(tokens.stream().map(LockToken::epoch)).containsExactly(1L, 1L, 2L, 3L, 4L, 5L);
    }

    /** The replica has what the primary acknowledged to itself alone; what it lacks, its tokens must not repeat. */
    @Test
    void shouldGiveGreaterTokensFromAReplicaThatLacksTheLastGrants() {
        try (LockWorld failing = new LockWorld(RedisServers.sentinel())) {
            LockStore locks = failing.store();
            get(locks.acquire(exclusive("a", "x", NOT_AT_ALL)));
            await(() -> failing.servers.server(1).answers("EXISTS " + LockKeys.key(LockKeys.shard("a")), ":1"));
            failing.servers.server(1).suspend();
            failing.server().ask("CLIENT KILL TYPE replica"); // else it would read later what is sent now
            get(locks.release("a", owner("x"), 0));
            long last = standing(get(locks.acquire(exclusive("a", "y", NOT_AT_ALL))))
                    .token();

            failing.server().kill();
            failing.servers.server(1).resume();

            await(() -> get(locks.release("a", owner("x"), 0).map(true).otherwise(false)));
            long next = standing(get(locks.acquire(exclusive("a", "z", NOT_AT_ALL))))
                    .token();
            assertThat(next).isGreaterThan(last);
            assertThat(LockToken.epoch(next)).isGreaterThan(LockToken.epoch(last));
        }
    }

    @Test
    void shouldKeepHoldersAndWaitersOverAKill() {
        long token = take("a", "x");
        get(store.acquire(exclusive("a", "y", LONG)));

        world.server().kill();
        world.server().start();
        await(world.link::isUp);

        List<Renewal> renewals =
                List.of(new Renewal("a", owner("x"), token, LONG, 7), new Renewal("a", owner("y"), 0, LONG, 7));
        List<Standing> standings = get(store.renew(renewals)).getFirst().done().standings();
        assertThat(standings.get(0).token()).isEqualTo(token);
        assertThat(standings.get(1).status()).isEqualTo(Status.WAITING);
        Event granted = get(store.release("a", owner("x"), token)).events().getFirst();
        assertThat(granted.kind()).isEqualTo(Event.Kind.GRANTED);
        assertThat(granted.token()).isGreaterThan(token);
    }

    /** Of two that begin an epoch the one that took its own before the other began must not begin. */
    @Test
    void shouldNotBeginAnEpochThatWasTakenBeforeAnotherBegan() {
        List<Integer> taken = new ArrayList<>();
        LockStore[] other = new LockStore[1];
        LockStore slow = new RedisLockStore(
                world.link,
                () -> {
                    int epoch = world.epochs.incrementAndGet();
                    taken.add(epoch);
                    // meanwhile another node does the same, and Redis loses its data once more
                    return taken.size() > 1
                            ? Future.succeededFuture(epoch)
                            : other[0].acquire(exclusive("a", "quick", NOT_AT_ALL))
                                    .map(done -> {
                                        taken.add((int)
                                                LockToken.epoch(standing(done).token()));
                                        world.server().ask("FLUSHALL");
                                        return epoch;
                                    });
                },
                new RedisLockStore.Bounds(Duration.ofSeconds(1), 10, 1000, 10));
        other[0] = store;

        Throwable refused = failure(slow.acquire(exclusive("a", "slow", NOT_AT_ALL)));
        long token =
                standing(get(slow.acquire(exclusive("a", "slow", NOT_AT_ALL)))).token();

        assertThat(refused).hasMessageStartingWith("EPOCH");
        assertThat(taken).startsWith(1, 2);
        assertThat(LockToken.epoch(token)).isGreaterThan(2);
    }

    @Test
    void shouldRenewLocksOfManyShardsInTheirOrder() {
        List<Renewal> renewals = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            renewals.add(new Renewal("lock" + i, owner("x"), take("lock" + i, "x"), LONG.multipliedBy(2), 7));
        }
        renewals.set(7, new Renewal("lock7", owner("x"), 1, LONG, 7)); // a token of old

        List<Renewed> renewed = get(store.renew(renewals));

        assertThat(renewed.stream().flatMap(part -> part.positions().stream()))
                .hasSize(500)
                .doesNotHaveDuplicates();
        for (Renewed part : renewed) {
            for (int i = 0; i < part.positions().size(); i++) {
                int position = part.positions().get(i);
                Standing standing = part.done().standings().get(i);
                assertThat(standing.left().compareTo(LONG) > 0).isEqualTo(position != 7);
            }
        }
    }

    @Test
    void shouldLeaveNothingBehind() {
        for (int i = 0; i < 100; i++) {
            take("lock" + i, "x");
            get(store.acquire(exclusive("lock" + i, "y", LONG)));
            leave("lock" + i, "x");
            leave("lock" + i, "y");
        }

        assertThat(world.server().ask("KEYS *").lines().filter(line -> line.startsWith("{")))
                .hasSizeLessThanOrEqualTo(LockKeys.SHARDS)
                .allMatch(key -> key.endsWith(":shard"));
    }

    @Test
    void shouldShowWhoHoldsAndWaits() {
        long token = take("a", "x");
        get(store.acquire(exclusive("a", "y", LONG)));
        get(store.acquire(
                new Claim("a", new Owner("z", "thread/1"), LockMode.LOCK_MODE_PERMIT, 4, 9, LONG, LONG, false, 1)));

        Lock lock = get(store.get("a", 1)).orElseThrow();

        assertThat(lock.holders()).singleElement().extracting(Seen::token).isEqualTo(token);
        assertThat(lock.waiting()).isEqualTo(2);
        assertThat(lock.waiters()).singleElement().satisfies(waiter -> {
            assertThat(waiter.owner()).isEqualTo(new Owner("z", "thread/1"));
            assertThat(waiter.mode()).isEqualTo(LockMode.LOCK_MODE_PERMIT);
            assertThat(waiter.limit()).isEqualTo(4);
            assertThat(waiter.priority()).isEqualTo(9);
        });
        assertThat(get(store.get("nobody's", 1))).isEmpty();
    }

    @Test
    void shouldListAllByPages() {
        for (int i = 0; i < 100; i++) {
            take("lock" + i, "x");
        }
        get(store.acquire(exclusive("lock5", "y", LONG)));

        assertThat(names(false)).hasSize(100).doesNotHaveDuplicates();
        assertThat(names(true)).containsExactly("lock5");
    }

    private List<String> names(boolean contended) {
        List<String> names = new ArrayList<>();
        Optional<Place> next = Optional.of(Place.START);
        while (next.isPresent()) {
            Page page = get(store.list(next.get(), 3, 1, 1, contended));
            page.locks().forEach(lock -> names.add(lock.name()));
            next = page.next();
        }
        return names;
    }

    @Test
    void shouldFreeLocksButTakeNoneWhenRedisIsOutOfMemory() {
        long token = take("a", "x");
        get(store.acquire(exclusive("a", "y", LONG)));
        world.server().ask("CONFIG SET maxmemory 1");

        assertThat(failure(store.acquire(exclusive("b", "x", LONG)))).hasMessageStartingWith("OOM");

        assertThat(get(store.release("a", owner("x"), token)).events()).hasSize(1);
    }

    /** What a grant costs must not depend on how many wait: a list that is walked would be ten times as much. */
    @Test
    void shouldDoAsManyCommandsForAGrantAmongThousandWaitersAsAmongTen() {
        assertThat(commandsOfAGrant("many", 1000)).isEqualTo(commandsOfAGrant("few", 10));
    }

    private long commandsOfAGrant(String name, int waiters) {
        take(name, "x");
        for (int i = 0; i < waiters; i++) {
            get(store.acquire(exclusive(name, "w" + i, LONG)));
        }
        world.server().ask("CONFIG RESETSTAT");
        leave(name, "x");
        return world.server()
                .ask("INFO commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_z") || line.startsWith("cmdstat_h"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*calls=(\\d+).*", "$1")))
                .sum();
    }
}
