package io.signalbox.bus.redis;

import io.signalbox.config.RedisConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Commands to Redis over few held connections, pipelined: what is asked within one turn of an event loop goes out as one
 * write, so that Redis commits it with one fsync. Lost connections are made again without hands. Thread-safe.
 *
 * <p>Connections are shared. No command that changes or blocks one ({@code SUBSCRIBE}, {@code MULTI}, {@code BLPOP}) may be
 * sent.
 */
public interface RedisLink {

    /**
     * @param libraries texts of function libraries, each with its {@code #!lua name=...}; every server has them, as they
     *     are here, before it gets the first command
     * @param random spreads the trials to connect
     * @return completes once each server was reached, or the first trial to reach it failed: the link tries on, {@link
     *     #isUp} tells. Never fails
     */
    static Future<RedisLink> open(Vertx vertx, RedisConfig config, List<String> libraries, RandomGenerator random) {
        return EventLoopRedisLink.open(vertx, config, libraries, random);
    }

    /**
     * Commands whose keys have the same {@code {tag}} run in the order in which they were given. While the server cannot
     * be reached they fail at once with {@link RedisFailure.Reason#NOT_SENT}; so they do when too much is under way.
     *
     * @param key decides which server and which connection; must be a key of the command, with its {@code {tag}}
     * @return the answer, completed on the caller's Vert.x context where there is one; null when Redis answers nil. Fails
     *     with {@link RedisFailure}
     */
    Future<Response> send(String key, Request command);

    /**
     * Like {@link #send}, and in one order with it, but completes only when that many replicas have it too. That fewer
     * have it within half of {@code redis.timeout}, or cannot be asked, is a {@link RedisFailure.Reason#UNREPLICATED}:
     * then the command was done, on the primary at least.
     *
     * @param replicas 0: as {@code send}
     */
    Future<Response> sendReplicated(String key, Request command, int replicas);

    /**
     * Runs {@code action} each time that a server can be reached again after it was lost, or another took its place: what
     * was announced meanwhile must be read anew. On an event loop of the link's.
     */
    void onRecovered(Runnable action);

    /** Whether every server that is needed takes commands now. */
    boolean isUp();

    /** Fails what is under way with {@code UNKNOWN} and what comes later with {@code NOT_SENT}, closes the connections. */
    Future<Void> close();
}
