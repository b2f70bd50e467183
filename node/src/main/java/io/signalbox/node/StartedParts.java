package io.signalbox.node;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was started, to be stopped in reverse. Not thread-safe: one start or stop at a time. */
final class StartedParts {
    private static final Logger log = LoggerFactory.getLogger(StartedParts.class);

    private final Deque<Part> parts = new ArrayDeque<>();

    /**
     * @param patience how long the part may take to stop before the next is stopped all the same
     * @param stop called at most once
     */
    void add(String name, Duration patience, Supplier<Future<Void>> stop) {
        parts.push(new Part(name, patience, stop));
    }

    /** Stops one after the other, the last first. Never fails: what would not stop is logged and left. */
    Future<Void> stopAll() {
        if (parts.isEmpty()) {
            return Future.succeededFuture();
        }
        return parts.pop().end().compose(ignored -> stopAll());
    }

    private record Part(String name, Duration patience, Supplier<Future<Void>> stop) {
        private Future<Void> end() {
            log.debug("Stopping {}", name);
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
