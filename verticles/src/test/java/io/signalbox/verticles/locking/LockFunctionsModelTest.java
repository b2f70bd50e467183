package io.signalbox.verticles.locking;

import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.redis.RedisServers;
import io.signalbox.codecs.proto.LockMode;
import io.signalbox.verticles.locking.LockStore.Claim;
import io.signalbox.verticles.locking.LockStore.Done;
import io.signalbox.verticles.locking.LockStore.Event;
import io.signalbox.verticles.locking.LockStore.Renewal;
import io.signalbox.verticles.locking.LockStore.Standing;
import io.signalbox.verticles.locking.LockStore.Swept;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Random operations on a real Redis, each compared with what the model says. Time is Redis' own, as it answered. */
class LockFunctionsModelTest {
    private static final int SEEDS = 40;
    private static final int OPERATIONS = 400;
    private static final Duration AGEING = Duration.ofMillis(3);
    private static final int MAX_WAITERS = 4;
    private static final int MAX_LOCKS = 32; // two in a shard

    /** All of one shard. */
    private static final List<String> NAMES = IntStream.range(0, 1000)
            .mapToObj(i -> "lock-" + i)
            .filter(name -> LockKeys.shard(name) == 3)
            .limit(3)
            .toList();

    private final LockWorld world = new LockWorld(RedisServers.standalone());

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void shouldDoWhatTheModelSays() {
        for (int seed = 1; seed <= SEEDS; seed++) {
            world.server().ask("FLUSHALL");
            compare(seed);
        }
    }

    private void compare(int seed) {
        Random random = new Random(seed);
        RedisLockStore store = world.store(AGEING, MAX_WAITERS, MAX_LOCKS);
        LockModel model = new LockModel(AGEING, MAX_WAITERS, MAX_LOCKS / LockKeys.SHARDS);
        for (int i = 0; i < OPERATIONS; i++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            Owner owner = new Owner("a" + random.nextInt(7), "");
            String step = "seed " + seed + ", operation " + i + " on " + name + " by " + owner.agent();
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> {
                    Claim claim = claim(name, owner, random);
                    Done done = get(store.acquire(claim));
                    check(step + ": " + claim, done, model.acquire(claim, done.micros()));
                }
                case 4, 5 -> {
                    Done done = get(store.release(name, owner, 0));
                    check(step + ": release", done, model.release(name, owner, 0, done.micros()));
                }
                case 6 -> {
                    Renewal renewal = new Renewal(name, owner, 0, lease(random), 7);
                    Done done = get(store.renew(List.of(renewal))).getFirst().done();
                    check(step + ": renew", done, model.renew(renewal, done.micros()));
                }
                default -> {
                    Swept swept = get(store.sweep(3));
                    assertThat(swept.events().stream().map(LockFunctionsModelTest::counted))
                            .as(step + ": sweep")
                            .containsExactlyElementsOf(model.sweep(swept.micros()));
                    assertThat(swept.locks()).as(step).isEqualTo(model.names().size());
                }
            }
        }
    }

    private static Claim claim(String name, Owner owner, Random random) {
        LockMode mode = LockMode.forNumber(random.nextInt(3));
        int limit = switch (mode) {
            case LOCK_MODE_SHARED -> 1000;
            case LOCK_MODE_PERMIT -> 1 + random.nextInt(3);
            default -> 1;
        };
        Duration patience =
                List.of(Duration.ZERO, Duration.ofMillis(5), LockWorld.LONG).get(random.nextInt(3));
        return new Claim(
                name, owner, mode, limit, random.nextInt(10), lease(random), patience, random.nextInt(4) == 0, 7);
    }

    private static Duration lease(Random random) {
        return random.nextInt(3) == 0 ? LockWorld.LONG : Duration.ofMillis(1 + random.nextInt(20));
    }

    private static void check(String step, Done done, LockModel.Outcome expected) {
        assertThat(done.standings().stream().map(LockFunctionsModelTest::counted))
                .as(step)
                .containsExactly(expected.standing());
        assertThat(done.events().stream().map(LockFunctionsModelTest::counted))
                .as(step)
                .containsExactlyElementsOf(expected.events());
    }

    private static Standing counted(Standing standing) {
        return new Standing(standing.status(), LockToken.counter(standing.token()), standing.left(), standing.ahead());
    }

    private static Event counted(Event event) {
        return new Event(
                event.kind(),
                event.name(),
                event.owner(),
                event.generation(),
                LockToken.counter(event.token()),
                event.lease(),
                event.waited());
    }
}
