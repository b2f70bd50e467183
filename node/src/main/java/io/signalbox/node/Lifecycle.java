package io.signalbox.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Of something made of parts: started once, stopped once, whoever asks and however often. Thread-safe. */
public final class Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

    private final String name;
    private final StartedParts parts;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean stopRequested = new AtomicBoolean();
    private final Promise<Void> started = Promise.promise();
    private final Promise<Void> stopped = Promise.promise();

    /**
     * @param name for people, at the beginning of a sentence
     * @param parts gets what is started while it is started
     */
    public Lifecycle(String name, StartedParts parts) {
        this.name = name;
        this.parts = parts;
    }

    /**
     * Fails with {@link NodeException}, whose message is for the operator, after everything that had been started was
     * stopped again.
     *
     * @param assembly called at most once; may throw
     */
    public Future<Void> start(Supplier<Future<Void>> assembly) {
        if (begun.compareAndSet(false, true)) {
            assembled(assembly)
                    .recover(failure -> parts.stopAll().transform(ignored -> Future.failedFuture(explained(failure))))
                    .onComplete(started);
        }
        return started.future();
    }

    private static Future<Void> assembled(Supplier<Future<Void>> assembly) {
        try {
            return assembly.get();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /**
     * Stops all parts. Never fails.
     *
     * @param giveUp makes a start under way fail soon; called at most once, and only while there is one
     */
    public Future<Void> stop(Runnable giveUp) {
        if (stopRequested.compareAndSet(false, true)) {
            if (begun.compareAndSet(false, true)) {
                started.fail(new NodeException(name + " was stopped before it was started"));
            }
            // Once everything runs, parts go in their order alone: the stores when what needs them was drained.
            if (!started.future().isComplete()) {
                giveUp.run();
            }
            started.future()
                    .transform(start -> parts.stopAll().onSuccess(ignored -> logStopped(start.succeeded())))
                    .onComplete(stopped);
        }
        return stopped.future();
    }

    private void logStopped(boolean wasStarted) {
        if (wasStarted) {
            log.info("{} is stopped", name);
        }
    }

    public boolean isStopRequested() {
        return stopRequested.get();
    }

    private static NodeException explained(Throwable failure) {
        return failure instanceof NodeException known ? known : new NodeException(message(failure), failure);
    }

    private static String message(Throwable failure) {
        return Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
    }
}
