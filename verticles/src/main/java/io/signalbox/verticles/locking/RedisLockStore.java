package io.signalbox.verticles.locking;

import io.signalbox.bus.redis.RedisFailure;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.codecs.proto.LockMode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Locks in Redis, by the functions in {@code locks.lua}, which says how they are kept. Each call is one command for each shard and
 * takes effect as a whole or not at all. Thread-safe.
 */
public final class RedisLockStore implements LockStore {
    /** What the functions answer when no token may be given. */
    private static final String EPOCH = "EPOCH ";

    private static final int SWEPT_AT_ONCE = 50;

    /** Lua takes a few thousand arguments. */
    private static final int MAX_RENEWALS = 200;

    private static final List<LockMode> MODES =
            List.of(LockMode.LOCK_MODE_EXCLUSIVE, LockMode.LOCK_MODE_SHARED, LockMode.LOCK_MODE_PERMIT);

    private final RedisLink redis;
    private final LockEpochs epochs;
    private final Bounds bounds;
    private final Map<Integer, Future<Void>> beginnings = new ConcurrentHashMap<>();

    /**
     * @param ageing head start that each step of priority gives to one that waits
     * @param maxWaiters of a lock
     * @param maxLocks of all shards together
     * @param maxHolders of a lock
     */
    public record Bounds(Duration ageing, int maxWaiters, int maxLocks, int maxHolders) {
        int locksOfShard() {
            return Math.ceilDiv(maxLocks, LockKeys.SHARDS);
        }
    }

    /** @param redis opened with the {@link #library} */
    public RedisLockStore(RedisLink redis, LockEpochs epochs, Bounds bounds) {
        this.redis = redis;
        this.epochs = epochs;
        this.bounds = bounds;
    }

    /** The functions, for the link. */
    public static String library() {
        try (InputStream in = RedisLockStore.class.getResourceAsStream("locks.lua")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Future<Done> acquire(Claim claim) {
        int shard = LockKeys.shard(claim.name());
        return inEpoch(
                        shard,
                        () -> call(Command.FCALL, "lock_acquire", shard)
                                .arg(claim.name())
                                .arg(claim.owner().text())
                                .arg(MODES.indexOf(claim.mode()) + 1)
                                .arg(claim.limit())
                                .arg(claim.priority())
                                .arg(claim.lease().toMillis())
                                .arg(claim.patience().toMillis())
                                .arg(claim.preempt() ? 1 : 0)
                                .arg(claim.generation())
                                .arg(bounds.ageing().toMillis())
                                .arg(bounds.maxWaiters())
                                .arg(bounds.locksOfShard()))
                .map(RedisLockStore::oneDone);
    }

    @Override
    public Future<Done> release(String name, Owner owner, long token) {
        int shard = LockKeys.shard(name);
        return inEpoch(
                        shard,
                        () -> withToken(
                                call(Command.FCALL, "lock_release", shard)
                                        .arg(name)
                                        .arg(owner.text()),
                                token))
                .map(RedisLockStore::oneDone);
    }

    private static Request withToken(Request call, long token) {
        return call.arg(LockToken.epoch(token)).arg(LockToken.counter(token));
    }

    @Override
    public Future<List<Renewed>> renew(List<Renewal> renewals) {
        Map<Integer, List<Integer>> byShard = new TreeMap<>();
        for (int i = 0; i < renewals.size(); i++) {
            byShard.computeIfAbsent(LockKeys.shard(renewals.get(i).name()), shard -> new ArrayList<>())
                    .add(i);
        }
        List<Future<Renewed>> calls = new ArrayList<>();
        byShard.forEach((shard, positions) -> {
            for (int from = 0; from < positions.size(); from += MAX_RENEWALS) {
                List<Integer> part = positions.subList(from, Math.min(from + MAX_RENEWALS, positions.size()));
                calls.add(renew(shard, renewals, part));
            }
        });
        return calls.isEmpty() ? Future.succeededFuture(List.of()) : thoseThatSucceed(calls);
    }

    /** One server of a Redis Cluster may be away: that costs no leases of locks at others. */
    private static Future<List<Renewed>> thoseThatSucceed(List<Future<Renewed>> calls) {
        return Future.join(calls)
                .transform(all -> calls.stream().anyMatch(Future::succeeded)
                        ? Future.succeededFuture(calls.stream()
                                .filter(Future::succeeded)
                                .map(Future::result)
                                .toList())
                        : Future.failedFuture(all.cause()));
    }

    private Future<Renewed> renew(int shard, List<Renewal> renewals, List<Integer> positions) {
        return inEpoch(shard, () -> {
                    Request call = call(Command.FCALL, "lock_renew", shard);
                    for (int position : positions) {
                        Renewal each = renewals.get(position);
                        withToken(call.arg(each.name()).arg(each.owner().text()), each.token())
                                .arg(each.lease().toMillis())
                                .arg(each.generation());
                    }
                    return call;
                })
                .map(answer -> new Renewed(
                        shard,
                        positions,
                        done(
                                answer,
                                answer.get(1).stream()
                                        .map(RedisLockStore::standing)
                                        .toList())));
    }

    @Override
    public Future<Swept> sweep(int shard) {
        return inEpoch(shard, () -> call(Command.FCALL, "lock_sweep", shard).arg(SWEPT_AT_ONCE))
                .map(answer -> new Swept(
                        answer.get(0).toLong(),
                        events(answer.get(1)),
                        answer.get(2).toLong(),
                        answer.get(3).toInteger()));
    }

    /** The call, and once more when an epoch had to be begun for it. */
    private Future<Response> inEpoch(int shard, Supplier<Request> call) {
        return redis.send(LockKeys.key(shard), call.get())
                .recover(cause -> lacksEpoch(cause)
                        ? begin(shard).compose(begun -> redis.send(LockKeys.key(shard), call.get()))
                        : Future.failedFuture(cause));
    }

    private static boolean lacksEpoch(Throwable cause) {
        return cause instanceof RedisFailure && cause.getMessage().startsWith(EPOCH);
    }

    /** Once for all calls that wait for it. */
    private Future<Void> begin(int shard) {
        Promise<Void> promise = Promise.promise();
        Future<Void> before = beginnings.putIfAbsent(shard, promise.future());
        if (before != null) {
            return before;
        }
        // Outside of the map's own work: it may be done, or have failed, at once.
        propose(shard).onComplete(done -> {
            beginnings.remove(shard);
            promise.handle(done);
        });
        return promise.future();
    }

    private Future<Void> propose(int shard) {
        String key = LockKeys.key(shard);
        String candidate = UUID.randomUUID().toString();
        return redis.send(key, call(Command.FCALL, "lock_propose", shard).arg(candidate))
                .compose(proposed -> epochs.next())
                .compose(epoch -> redis.send(
                        key,
                        call(Command.FCALL, "lock_begin", shard).arg(candidate).arg(epoch)))
                // 0: another came between. Who is refused once more begins once more.
                .mapEmpty();
    }

    private static Done oneDone(Response answer) {
        return done(answer, List.of(standing(answer.get(1))));
    }

    private static Done done(Response answer, List<Standing> standings) {
        return new Done(
                answer.get(0).toLong(),
                standings,
                events(answer.get(2)),
                answer.get(3).toLong());
    }

    private static Standing standing(Response answer) {
        return new Standing(
                Status.values()[answer.get(0).toInteger()],
                token(answer.get(1), answer.get(2)),
                Duration.ofMillis(answer.get(3).toLong()),
                answer.get(4).toInteger());
    }

    private static long token(Response epoch, Response counter) {
        return LockToken.of(Long.parseLong(epoch.toString()), Long.parseLong(counter.toString()));
    }

    private static List<Event> events(Response answer) {
        return answer.stream()
                .map(event -> new Event(
                        Event.Kind.values()[event.get(0).toInteger() - 1],
                        event.get(1).toString(),
                        Owner.parse(event.get(2).toString()),
                        Long.parseLong(event.get(3).toString()),
                        token(event.get(4), event.get(5)),
                        Duration.ofMillis(Long.parseLong(event.get(6).toString())),
                        Duration.ofMillis(event.get(7).toLong())))
                .toList();
    }

    @Override
    public Future<Optional<Lock>> get(String name, int maxWaiters) {
        int shard = LockKeys.shard(name);
        Request call = call(Command.FCALL_RO, "lock_get", shard)
                .arg(name)
                .arg(bounds.maxHolders())
                .arg(maxWaiters);
        return redis.send(LockKeys.key(shard), call)
                .map(answer -> Optional.of(lock(answer)).filter(found -> found.holding() + found.waiting() > 0));
    }

    @Override
    public Future<Page> list(Place after, int limit, int maxHolders, int maxWaiters, boolean contended) {
        Request call = call(Command.FCALL_RO, "lock_list", after.shard())
                .arg(after.name())
                .arg(limit)
                .arg(maxHolders)
                .arg(maxWaiters)
                .arg(contended ? 1 : 0);
        return redis.send(LockKeys.key(after.shard()), call).map(answer -> {
            int last = answer.size() - 1;
            String name = answer.get(last).toString();
            List<Lock> locks =
                    IntStream.range(0, last).mapToObj(i -> lock(answer.get(i))).toList();
            return new Page(
                    locks, name.isEmpty() ? nextShard(after.shard()) : Optional.of(new Place(after.shard(), name)));
        });
    }

    private static Optional<Place> nextShard(int shard) {
        return shard + 1 < LockKeys.SHARDS ? Optional.of(new Place(shard + 1, "")) : Optional.empty();
    }

    private static Lock lock(Response answer) {
        return new Lock(
                answer.get(0).toString(),
                answer.get(1).toInteger(),
                answer.get(2).toInteger(),
                answer.get(3).stream().map(RedisLockStore::seen).toList(),
                answer.get(4).stream().map(RedisLockStore::seen).toList());
    }

    private static Seen seen(Response answer) {
        return new Seen(
                Owner.parse(answer.get(0).toString()),
                MODES.get(answer.get(1).toInteger() - 1),
                Integer.parseInt(answer.get(2).toString()),
                answer.get(3).toInteger(),
                token(answer.get(4), answer.get(5)),
                answer.get(6).toLong(),
                answer.get(7).toLong());
    }

    private static Request call(Command command, String function, int shard) {
        return Request.cmd(command).arg(function).arg(1).arg(LockKeys.key(shard));
    }
}
