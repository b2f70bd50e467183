package io.signalbox.bus.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/**
 * Commands to Redis over few held connections, pipelined: what is asked within one turn of an event loop goes out as one
 * write, so that Redis commits it with one fsync. Thread-safe.
 */
public interface RedisLink {

    /**
     * Commands with the same key run in the order in which they were given. While the connection is down they fail at once
     * with {@link RedisFailure.Reason#NOT_SENT}.
     *
     * @param key decides which server and which connection; must be a key of the command, with its {@code {tag}}
     * @return the answer, completed on the caller's Vert.x context where there is one. Fails with {@link RedisFailure}
     */
    Future<Response> send(String key, Request command);

    /**
     * Like {@link #send}, but completes only when that many replicas have it too. That fewer have it is a
     * {@link RedisFailure.Reason#UNREPLICATED}: then the command was done, on the primary at least.
     */
    Future<Response> sendReplicated(String key, Request command, int replicas);

    /**
     * Runs {@code action} each time that a server can be reached again after it was lost, or another took its place: what
     * was announced meanwhile must be read anew. On an event loop of the link's.
     */
    void onRecovered(Runnable action);

    /** Whether every server that is needed takes commands now. */
    boolean isUp();

    /** Fails what is under way with {@code UNKNOWN}, closes the connections. */
    Future<Void> close();
}
