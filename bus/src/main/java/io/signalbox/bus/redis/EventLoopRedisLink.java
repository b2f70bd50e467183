package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Takes commands to the one event loop on which all else happens: Redis is one thread, too. Many go over with one wake-up,
 * and leave as one write for each connection. Thread-safe.
 */
final class EventLoopRedisLink implements RedisLink {
    /** Between two turns of the event loop; what is on its way to Redis is bounded for each connection. */
    private static final long MAX_HANDED_OVER_BYTES = 64 << 20;

    /** After so many the loop gets a chance to do something else. */
    private static final int MAX_BATCH = 4096;

    private final LinkMeans means;
    private final Primaries servers;
    private final Duration tick;
    private final Queue<PendingCommand> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final List<Runnable> recoveryActions = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    private EventLoopRedisLink(LinkMeans means, RedisConfig config) {
        this.means = means;
        this.tick = means.timeout().dividedBy(RespConnection.PATIENCE_TICKS);
        this.servers = switch (config.mode()) {
            case STANDALONE ->
                new OnePrimary(
                        means,
                        new PrimaryLocator.Fixed(ServerAddress.of(config.url().getFirst())),
                        this::recovered);
            case SENTINEL -> new OnePrimary(means, new Sentinels(means, config), this::recovered);
            case CLUSTER -> new ClusterPrimaries(means, config, this::recovered);
        };
    }

    static Future<RedisLink> open(Vertx vertx, RedisConfig config, List<String> libraries, RandomGenerator random) {
        List<FunctionLibrary> parsed =
                libraries.stream().map(FunctionLibrary::of).toList();
        VertxInternal owner = (VertxInternal) vertx;
        Promise<RedisLink> opened = owner.promise();
        ContextInternal context = owner.createEventLoopContext();
        context.runOnContext(ignored -> {
            EventLoopRedisLink link = new EventLoopRedisLink(LinkMeans.of(context, config, parsed, random), config);
            link.start().onComplete(tried -> opened.complete(link));
        });
        return opened.future();
    }

    private Future<Void> start() {
        means.after(tick, this::tick);
        return servers.start();
    }

    /** One after the other: when the process was stopped for a while, what it missed must not come at once. */
    private void tick() {
        if (!closed) {
            servers.tick();
            means.after(tick, this::tick);
        }
    }

    @Override
    public Future<Response> send(String key, Request command) {
        return sendReplicated(key, command, 0);
    }

    @Override
    public Future<Response> sendReplicated(String key, Request request, int replicas) {
        PendingCommand command = new PendingCommand(key, request, replicas, promiseOfCaller());
        if (closed) {
            command.fail(Reason.NOT_SENT, "the link is closed");
        } else if (queuedBytes.addAndGet(command.bytes()) > MAX_HANDED_OVER_BYTES) {
            queuedBytes.addAndGet(-command.bytes());
            command.fail(Reason.NOT_SENT, "too many commands at once");
        } else {
            queue.add(command);
            wake();
        }
        return command.answer();
    }

    private static Promise<Response> promiseOfCaller() {
        ContextInternal caller = ContextInternal.current();
        return caller == null ? Promise.promise() : caller.promise();
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            means.afterThisTurn(this::takeBatch);
        }
    }

    private void takeBatch() {
        woken.set(false);
        try {
            for (int i = 0; i < MAX_BATCH && !queue.isEmpty(); i++) {
                PendingCommand command = queue.remove();
                queuedBytes.addAndGet(-command.bytes());
                servers.send(command);
            }
        } finally {
            servers.flush();
            if (!queue.isEmpty()) {
                wake();
            }
        }
    }

    @Override
    public void onRecovered(Runnable action) {
        recoveryActions.add(action);
    }

    private void recovered() {
        recoveryActions.forEach(Runnable::run);
    }

    @Override
    public boolean isUp() {
        return !closed && servers.isUp();
    }

    @Override
    public Future<Void> close() {
        Promise<Void> done = ((VertxInternal) means.context().owner()).promise();
        means.context().runOnContext(ignored -> {
            closed = true;
            servers.close();
            means.client().close().onComplete(done);
        });
        return done.future();
    }
}
