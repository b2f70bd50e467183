package io.signalbox.node;

import io.signalbox.config.SignalboxConfig;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Objects;

/**
 * One running node: stores, event loops, bus, services and doors, started in order and stopped in reverse. Thread-safe;
 * {@code start} and {@code stop} are idempotent.
 */
public final class SignalboxNode {
    private final SignalboxConfig config;

    /** @param config valid as a whole */
    public SignalboxNode(SignalboxConfig config) {
        this.config = Objects.requireNonNull(config);
    }

    /**
     * Completes when the node takes clients. Fails with {@link NodeException}, whose message is for the operator, after
     * everything that had been started was stopped again.
     */
    public Future<SignalboxNode> start() {
        return Future.failedFuture(
                new NodeException("not built yet: " + config.node().id()));
    }

    /** Drains, stops everything and releases the data directory; never fails because a part would not stop. */
    public Future<Void> stop() {
        return Future.succeededFuture();
    }

    /** Where HTTP is served, such as {@code http://127.0.0.1:4280}. Only after {@link #start} completed. */
    public String url() {
        throw new IllegalStateException("the node is not started");
    }

    /** What the running stores answered to questions about their settings, such as {@code postgres.fsync} = {@code on}. */
    public Map<String, String> facts() {
        return Map.of();
    }
}
