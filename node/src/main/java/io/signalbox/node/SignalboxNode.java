package io.signalbox.node;

import io.signalbox.config.SignalboxConfig;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One running node: stores, event loops, bus, services and doors, started in the order in which they need each other and
 * stopped in reverse. Thread-safe; {@code start} and {@code stop} are idempotent. A node is started once: after a stop
 * make another.
 */
public final class SignalboxNode {
    private final SignalboxConfig config;
    private final StartedParts parts = new StartedParts();
    private final Lifecycle lifecycle;
    private volatile Optional<NodeAssembly> assembly = Optional.empty();

    /** @param config valid as a whole */
    public SignalboxNode(SignalboxConfig config) {
        this.config = Objects.requireNonNull(config);
        this.lifecycle = new Lifecycle("Node " + config.node().id(), parts);
    }

    /**
     * Completes when the node takes clients. Fails with {@link NodeException}, whose message is for the operator, after
     * everything that had been started was stopped again. Not to be called on an event loop: the data directory is opened
     * meanwhile.
     */
    public Future<SignalboxNode> start() {
        return lifecycle.start(this::assemble).map(this);
    }

    /**
     * Drains and stops everything, then releases the data directory. A start under way is given up. Never fails: a part
     * that does not stop in time is logged and left.
     */
    public Future<Void> stop() {
        return lifecycle.stop(() -> assembly.ifPresent(NodeAssembly::giveUp));
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
        NodeAssembly made = new NodeAssembly(config, parts, lifecycle::isStopRequested);
        assembly = Optional.of(made);
        return made.assemble();
    }
}
