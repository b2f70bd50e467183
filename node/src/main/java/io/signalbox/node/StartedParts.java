package io.signalbox.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started, to be stopped in reverse. Not thread-safe: one start or stop at a time; only {@code hurry} may come from anywhere. */
public final class StartedParts {
    private static final Logger log = LoggerFactory.getLogger(StartedParts.class);

    private static final Duration HURRIED_PATIENCE = Duration.ofSeconds(2);

    private final Deque<Part> parts = new ArrayDeque<>();
    private final Promise<Void> hurried = Promise.promise();

    /**
     * @param patience how long the part may take to stop before the next is stopped all the same
     * @param stop called at most once
     */
    public void add(String name, Duration patience, Supplier<Future<Void>> stop) {
        parts.push(new Part(name, patience, stop));
    }

    /** Stops one after the other, the last first. Never fails: what would not stop is logged and left. */
    public Future<Void> stopAll() {
        if (parts.isEmpty()) {
            return Future.succeededFuture();
        }
        return Future.any(parts.pop().end(), outOfPatience()).compose(ignored -> stopAll());
    }

    /** From now on each part gets two seconds at most, also the one that is being stopped. */
    public void hurry() {
        hurried.tryComplete();
    }

    private Future<Void> outOfPatience() {
        return hurried.future()
                .compose(ignored ->
                        Promise.<Void>promise().future().timeout(HURRIED_PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                .otherwiseEmpty();
    }

    private record Part(String name, Duration patience, Supplier<Future<Void>> stop) {
        private Future<Void> end() {
            log.info("Stopping {}", name);
            return Future.future(promise -> stop.get().onComplete(promise))
                    .<Void>mapEmpty()
                    .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .recover(failure -> {
                        log.warn("{} did not stop properly: {}", name, failure.toString());
                        return Future.succeededFuture();
                    });
        }
    }
}
