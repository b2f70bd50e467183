package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RequestImpl;

/** A command on its way. Confined to the link's event loop once it is there. */
final class PendingCommand {
    /** What one takes in memory besides its arguments, about. */
    private static final int OVERHEAD_BYTES = 200;

    private final String key;
    private final int slot;
    private final Request request;
    private final int replicas;
    private final int bytes;
    private final Promise<Response> answer;
    private int redirects;
    private long replicaWatch;

    /** @param replicas that must have it besides the primary */
    PendingCommand(String key, Request request, int replicas, Promise<Response> answer) {
        this.key = key;
        this.slot = HashSlot.of(key);
        this.request = request;
        this.replicas = replicas;
        this.bytes = OVERHEAD_BYTES
                + ((RequestImpl) request)
                        .getArgs().stream().mapToInt(arg -> arg.length).sum();
        this.answer = answer;
    }

    String key() {
        return key;
    }

    int slot() {
        return slot;
    }

    Request request() {
        return request;
    }

    int replicas() {
        return replicas;
    }

    int bytes() {
        return bytes;
    }

    /** How often it was sent on to another server, this time included. */
    int redirected() {
        return ++redirects;
    }

    /** @param watch the connection that will ask for the replicas, as it was before the command was sent */
    void watchedBy(long watch) {
        replicaWatch = watch;
    }

    long replicaWatch() {
        return replicaWatch;
    }

    Future<Response> answer() {
        return answer.future();
    }

    void complete(Response response) {
        answer.tryComplete(response);
    }

    void fail(Reason reason, String message) {
        fail(new RedisFailure(reason, message));
    }

    void fail(Throwable failure) {
        answer.tryFail(failure);
    }
}
