package io.signalbox.node;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.embedded.StoreKind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds one node, part by part, once. Thread-safe. */
final class NodeAssembly {
    private static final Logger log = LoggerFactory.getLogger(NodeAssembly.class);

    /** Longer than the stores' own ladders of signals, whose last one cannot be ignored. */
    private static final Duration STORES_PATIENCE = Duration.ofSeconds(60);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final SignalboxConfig config;
    private final StartedParts parts;
    private final BooleanSupplier stopRequested;
    private final MachineLimits limits = MachineLimits.ofThisProcess();
    private volatile Optional<NodeStores> stores = Optional.empty();
    private volatile Optional<Integer> port = Optional.empty();

    /**
     * @param parts gets what was started, also when the start fails
     * @param stopRequested asked between the steps; true: the start is given up
     */
    NodeAssembly(SignalboxConfig config, StartedParts parts, BooleanSupplier stopRequested) {
        this.config = config;
        this.parts = parts;
        this.stopRequested = stopRequested;
    }

    Future<Void> assemble() {
        NodeCapacity capacity = capacity(config.node().capacity(), limits);
        GatewayLimits gateway = GatewayLimits.of(config.gateway(), limits);
        log.info("Limits: {}; capacity {} agents ({}), {}", limits, capacity.agents(), capacity.reason(), gateway);
        DataDirectory directory = lockDataDirectory();
        ListenAddress.of(config.gateway()).check();
        Future<NodeStores.Addresses> storesStart = startStores(directory);
        // Meanwhile, for the stores take a second or two.
        NodeMetrics metrics = startMetrics();
        Vertx vertx = startVertx();
        NodeServices services = new NodeServices(
                config,
                parts,
                vertx,
                metrics.registry(),
                capacity.agents(),
                gateway,
                eventLoops(),
                directory.id(),
                this::lacking);
        return onOwnContext(vertx, storesStart)
                .compose(this::unlessStopped)
                .compose(services::start)
                .map(listening -> {
                    port = Optional.of(listening);
                    announce(directory, "listening on port " + listening);
                    return null;
                });
    }

    /** What comes after must not keep the threads that watch the stores from watching. */
    private static <T> Future<T> onOwnContext(Vertx vertx, Future<T> future) {
        Context context = vertx.getOrCreateContext();
        return Future.future(
                promise -> future.onComplete(result -> context.runOnContext(ignored -> promise.handle(result))));
    }

    /** Makes a start under way fail soon. */
    void giveUp() {
        stores.ifPresent(NodeStores::stop);
    }

    Optional<Integer> port() {
        return port;
    }

    Map<String, String> facts() {
        return stores.map(NodeStores::facts).orElse(Map.of());
    }

    Map<String, String> lacking() {
        Map<String, String> lacking = new LinkedHashMap<>();
        for (StoreKind kind : StoreKind.values()) {
            if (!stores.map(started -> started.isRunning(kind)).orElse(false)) {
                lacking.put(
                        kind.name().toLowerCase(Locale.ROOT), "the embedded server is down and being started again");
            }
        }
        return lacking;
    }

    private DataDirectory lockDataDirectory() {
        DataDirectory directory = DataDirectory.lock(config.node().dataDirectory());
        parts.add("data directory", CLOSE_PATIENCE, () -> closed(directory));
        announce(directory, "starting");
        return directory;
    }

    private void announce(DataDirectory directory, String state) {
        try {
            directory.announce(config.node().id(), state);
        } catch (IOException e) {
            throw new NodeException("The data directory " + directory.path() + " cannot be written: " + e, e);
        }
    }

    private Future<NodeStores.Addresses> startStores(DataDirectory directory) {
        NodeStores starting = new NodeStores(config, directory.path());
        stores = Optional.of(starting);
        parts.add("embedded stores", STORES_PATIENCE, starting::stop);
        return starting.start();
    }

    private NodeMetrics startMetrics() {
        NodeMetrics metrics = new NodeMetrics();
        stores.ifPresent(metrics::watch);
        parts.add("metrics", CLOSE_PATIENCE, () -> closed(metrics));
        return metrics;
    }

    private Vertx startVertx() {
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(eventLoops()))
                .build();
        parts.add("event loops", CLOSE_PATIENCE, vertx::close);
        if (vertx.isNativeTransportEnabled()) {
            log.info("{} event loops on the native transport", eventLoops());
        } else {
            log.warn(
                    "{} event loops without the native transport, which costs speed: {}",
                    eventLoops(),
                    Optional.ofNullable(vertx.unavailableNativeTransportCause())
                            .map(Throwable::toString)
                            .orElse("none for this machine"));
        }
        return vertx;
    }

    private int eventLoops() {
        return config.node().eventLoops().orElse(limits.cores());
    }

    private <T> Future<T> unlessStopped(T result) {
        return stopRequested.getAsBoolean()
                ? Future.failedFuture(new NodeException("The node was stopped while it started"))
                : Future.succeededFuture(result);
    }

    private static NodeCapacity capacity(OptionalInt configured, MachineLimits limits) {
        return configured.isPresent()
                ? NodeCapacity.configured(configured.getAsInt())
                : NodeCapacity.ofMachine(limits.cores(), limits.memoryBytes());
    }

    private static Future<Void> closed(AutoCloseable part) {
        try {
            part.close();
            return Future.succeededFuture();
        } catch (Exception e) {
            return Future.failedFuture(e);
        }
    }
}
