package io.signalbox.verticles.registry;

import io.signalbox.config.RedisConfig;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Presence in Redis: a string per agent that expires. One held connection, commands in batches; a connection that failed
 * is given up and the next call makes a new one, for held connections do not reconnect by themselves. Thread-safe.
 */
public final class RedisPresenceStore implements PresenceStore {
    private final Vertx vertx;
    private final Redis redis;
    private final Duration timeout;
    private final String timeToLiveMillis;
    private final AtomicReference<Optional<Future<RedisConnection>>> connection =
            new AtomicReference<>(Optional.empty());

    /** @param timeToLive an entry is gone so long after its last {@link #put} */
    public RedisPresenceStore(Vertx vertx, RedisConfig config, Duration timeToLive) {
        RedisOptions options =
                new RedisOptions().setConnectionString(config.url().getFirst());
        if (!config.password().reveal().isEmpty()) {
            options.setPassword(config.password().reveal());
        }
        this.vertx = vertx;
        this.redis = Redis.createClient(vertx, options);
        this.timeout = config.timeout();
        this.timeToLiveMillis = Long.toString(timeToLive.toMillis());
    }

    @Override
    public Future<Void> put(List<Entry> entries) {
        return batch(entries.stream()
                        .map(entry -> Request.cmd(Command.SET)
                                .arg(key(entry.agent()))
                                .arg(entry.generation() + " " + entry.state() + " " + entry.node())
                                .arg("PX")
                                .arg(timeToLiveMillis))
                        .toList())
                .mapEmpty();
    }

    @Override
    public Future<Void> remove(List<String> agents) {
        return batch(agents.stream()
                        .map(agent -> Request.cmd(Command.DEL).arg(key(agent)))
                        .toList())
                .mapEmpty();
    }

    @Override
    public Future<Optional<Entry>> find(String agent) {
        return batch(List.of(Request.cmd(Command.GET).arg(key(agent))))
                .map(answers -> Optional.ofNullable(answers.getFirst()).map(value -> entry(agent, value.toString())));
    }

    private static Entry entry(String agent, String value) {
        String[] parts = value.split(" ", 3);
        return new Entry(agent, Long.parseLong(parts[0]), parts[2], parts[1]);
    }

    /** The agent's id is a user's text: hexadecimal keeps it inside the braces. */
    private static String key(String agent) {
        String hex = agent.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "-._@".indexOf(c) >= 0))
                ? agent
                : "%" + HexFormat.of().formatHex(agent.getBytes(StandardCharsets.UTF_8));
        return "presence:{" + hex + "}";
    }

    private Future<List<Response>> batch(List<Request> commands) {
        if (commands.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        // The held connection answers on the event loop of the caller that opened it.
        Context caller = vertx.getOrCreateContext();
        Promise<List<Response>> answer = Promise.promise();
        Future<RedisConnection> held = connection();
        held.compose(open -> open.batch(commands))
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(cause -> giveUp(held))
                .onComplete((answers, cause) -> caller.runOnContext(ignored -> answer.complete(answers, cause)));
        return answer.future();
    }

    private Future<RedisConnection> connection() {
        Optional<Future<RedisConnection>> current = connection.get();
        if (current.isPresent()) {
            return current.get();
        }
        Future<RedisConnection> opening = redis.connect();
        if (!connection.compareAndSet(current, Optional.of(opening))) {
            opening.onSuccess(RedisConnection::close);
            return connection();
        }
        opening.onSuccess(
                open -> open.exceptionHandler(cause -> giveUp(opening)).endHandler(end -> giveUp(opening)));
        return opening;
    }

    private void giveUp(Future<RedisConnection> failed) {
        Optional<Future<RedisConnection>> current = connection.get();
        if (current.isPresent() && current.get() == failed && connection.compareAndSet(current, Optional.empty())) {
            failed.onSuccess(RedisConnection::close);
        }
    }

    @Override
    public Future<Void> close() {
        connection.get().ifPresent(this::giveUp);
        redis.close();
        return Future.succeededFuture();
    }
}
