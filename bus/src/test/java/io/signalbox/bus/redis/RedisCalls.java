package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** How tests call a link, with a deadline. */
public final class RedisCalls {
    private static final int SECONDS = 30;

    private RedisCalls() {}

    public static <T> T get(Future<T> future) {
        try {
            return future.await(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    /** What the future fails with; it must fail. */
    static RedisFailure failure(Future<?> future) {
        return get(future.transform(result -> result.failed()
                ? Future.succeededFuture((RedisFailure) result.cause())
                : Future.failedFuture(new AssertionError("succeeded with " + result.result()))));
    }

    static Reason reason(Future<?> future) {
        return failure(future).reason();
    }

    static Future<Response> set(RedisLink link, String key, String value) {
        return link.send(key, Request.cmd(Command.SET).arg(key).arg(value));
    }

    static String find(RedisLink link, String key) {
        return String.valueOf(get(link.send(key, Request.cmd(Command.GET).arg(key))));
    }

    /** Tries until it succeeds. */
    static void awaitSuccess(Supplier<Future<?>> call) {
        RedisServers.await(() -> get(call.get().transform(result -> Future.succeededFuture(result.succeeded()))));
    }
}
