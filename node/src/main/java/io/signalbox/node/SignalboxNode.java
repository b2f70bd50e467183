package io.signalbox.node;

import io.signalbox.config.SignalboxConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running node: stores, event loops, bus, services and doors, started in the order in which they need each other and
 * stopped in reverse. Thread-safe; {@code start} and {@code stop} are idempotent. A node is started once: after a stop
 * make another.
 */
public final class SignalboxNode {
    private static final Logger log = LoggerFactory.getLogger(SignalboxNode.class);

    private final SignalboxConfig config;
    private final StartedParts parts = new StartedParts();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean stopRequested = new AtomicBoolean();
    private final Promise<SignalboxNode> started = Promise.promise();
    private final Promise<Void> stopped = Promise.promise();
    private volatile Optional<NodeAssembly> assembly = Optional.empty();

    /** @param config valid as a whole */
    public SignalboxNode(SignalboxConfig config) {
        this.config = Objects.requireNonNull(config);
    }

    /**
     * Completes when the node takes clients. Fails with {@link NodeException}, whose message is for the operator, after
     * everything that had been started was stopped again. Not to be called on an event loop: the data directory is opened
     * meanwhile.
     */
    public Future<SignalboxNode> start() {
        if (begun.compareAndSet(false, true)) {
            assemble()
                    .map(this)
                    .recover(failure -> parts.stopAll().transform(ignored -> Future.failedFuture(explained(failure))))
                    .onComplete(started);
        }
        return started.future();
    }

    /**
     * Drains and stops everything, then releases the data directory. A start under way is given up. Never fails: a part
     * that does not stop in time is logged and left.
     */
    public Future<Void> stop() {
        if (stopRequested.compareAndSet(false, true)) {
            if (begun.compareAndSet(false, true)) {
                started.fail(new NodeException("The node was stopped before it was started"));
            }
            assembly.ifPresent(NodeAssembly::giveUp);
            started.future()
                    .transform(start -> parts.stopAll().onSuccess(ignored -> logStopped(start.succeeded())))
                    .onComplete(stopped);
        }
        return stopped.future();
    }

    private void logStopped(boolean wasStarted) {
        if (wasStarted) {
            log.info("Node {} is stopped", config.node().id());
        }
    }

    /** Shortens a stop under way, and one that is yet to come, to two seconds for each part. */
    public void hurry() {
        parts.hurry();
    }

    /** Where HTTP is served, such as {@code http://127.0.0.1:4280}; {@code https} with a certificate. Only after {@link #start} completed. */
    public String url() {
        String scheme = config.gateway().tlsCertificateFile().isPresent() ? "https" : "http";
        return ListenAddress.of(config.gateway()).url(scheme, port());
    }

    /** The port that clients connect to. Only after {@link #start} completed. */
    public int port() {
        return assembly.flatMap(NodeAssembly::port)
                .orElseThrow(() -> new IllegalStateException("the node is not started"));
    }

    /** Empty when the node can do its work; else what it lacks at the moment, by the name of the part. */
    public Map<String, String> lacking() {
        return assembly.map(NodeAssembly::lacking).orElse(Map.of("node", "not started"));
    }

    /** What the running stores answered to questions about their settings, such as {@code postgres.fsync} = {@code on}. */
    public Map<String, String> facts() {
        return assembly.map(NodeAssembly::facts).orElse(Map.of());
    }

    private Future<Void> assemble() {
        try {
            NodeAssembly made = new NodeAssembly(config, parts, stopRequested::get);
            assembly = Optional.of(made);
            return made.assemble();
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    private static NodeException explained(Throwable failure) {
        return failure instanceof NodeException known ? known : new NodeException(message(failure), failure);
    }

    private static String message(Throwable failure) {
        return Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
    }
}
