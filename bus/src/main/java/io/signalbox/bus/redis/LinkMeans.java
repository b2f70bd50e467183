package io.signalbox.bus.redis;

import io.signalbox.config.RedisConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * What the parts of a link have in common.
 *
 * @param context on its event loop they all live
 * @param connections for commands to one server, as configured
 * @param timeout of a command, and of a trial to connect
 */
record LinkMeans(
        ContextInternal context,
        NetClient client,
        Handshake handshake,
        int connections,
        Duration timeout,
        RandomGenerator random) {

    /** To be called on the context. */
    static LinkMeans of(
            ContextInternal context, RedisConfig config, List<FunctionLibrary> libraries, RandomGenerator random) {
        NetClientOptions options = new NetClientOptions()
                .setConnectTimeout(Math.toIntExact(config.timeout().toMillis()));
        if (config.url().getFirst().startsWith("rediss:")) {
            options.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
        }
        return new LinkMeans(
                context,
                context.owner().createNetClient(options),
                new Handshake(config.password(), libraries, random),
                config.connections(),
                config.timeout(),
                random);
    }

    /** Runs it on the event loop after what that is doing now. */
    void afterThisTurn(Runnable action) {
        context.runOnContext(ignored -> action.run());
    }

    /** Fails when it takes longer than the timeout. On the event loop, for a future's own timeout may come on another thread. */
    <T> Future<T> limited(Future<T> work) {
        Promise<T> limited = context.promise();
        long timer = after(timeout, () -> limited.tryFail(new TimeoutException("no answer within " + timeout)));
        work.onComplete((value, cause) -> {
            cancel(timer);
            if (cause == null) {
                limited.tryComplete(value);
            } else {
                limited.tryFail(cause);
            }
        });
        return limited.future();
    }

    /** @return for {@link #cancel} */
    long after(Duration delay, Runnable action) {
        return context.setTimer(Math.max(1, delay.toMillis()), timer -> action.run());
    }

    void cancel(long timer) {
        context.owner().cancelTimer(timer);
    }
}
