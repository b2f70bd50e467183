package io.signalbox.verticles.registry;

import io.signalbox.bus.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Presence in Redis: a string per agent that expires. Thread-safe. */
public final class RedisPresenceStore implements PresenceStore {
    private final RedisLink redis;
    private final String timeToLiveMillis;
    private volatile boolean closed;

    /**
     * @param redis stays open when this is closed
     * @param timeToLive an entry is gone so long after its last {@link #put}
     */
    public RedisPresenceStore(RedisLink redis, Duration timeToLive) {
        this.redis = redis;
        this.timeToLiveMillis = Long.toString(timeToLive.toMillis());
    }

    @Override
    public Future<Void> put(List<Entry> entries) {
        return forEach(entries, entry -> {
            String key = key(entry.agent());
            return send(
                    key,
                    Request.cmd(Command.SET)
                            .arg(key)
                            .arg(entry.generation() + " " + entry.state() + " " + entry.node())
                            .arg("PX")
                            .arg(timeToLiveMillis));
        });
    }

    @Override
    public Future<Void> remove(List<String> agents) {
        return forEach(agents, agent -> {
            String key = key(agent);
            return send(key, Request.cmd(Command.DEL).arg(key));
        });
    }

    private static <T> Future<Void> forEach(List<T> all, Function<T, Future<Response>> write) {
        return all.isEmpty()
                ? Future.succeededFuture()
                : Future.all(all.stream().map(write).toList()).mapEmpty();
    }

    @Override
    public Future<Optional<Entry>> find(String agent) {
        String key = key(agent);
        return send(key, Request.cmd(Command.GET).arg(key))
                .map(value -> Optional.ofNullable(value).map(found -> entry(agent, found.toString())));
    }

    private Future<Response> send(String key, Request command) {
        return closed ? Future.failedFuture("The presence store is closed") : redis.send(key, command);
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

    @Override
    public Future<Void> close() {
        closed = true;
        return Future.succeededFuture();
    }
}
