package io.signalbox.node;

import io.signalbox.config.PostgresConfig;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.embedded.EmbeddedStores;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.node.embedded.StoreKind;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The stores that the node works with: outside ones that the configuration names, embedded ones for the rest. Thread-safe. */
public final class NodeStores {
    private final SignalboxConfig config;
    private final Set<StoreKind> kinds;
    private final EmbeddedStores embedded;

    /** @param dataDirectory of the embedded stores; no other process may use it meanwhile */
    public NodeStores(SignalboxConfig config, Path dataDirectory) {
        this.config = config;
        this.kinds = embeddedKinds(config);
        this.embedded = new EmbeddedStores(dataDirectory, kinds, new SecureRandom());
    }

    /** Completes with where the stores are, once the embedded ones take connections. */
    public Future<Addresses> start() {
        return embedded.start().map(this::addresses);
    }

    /** Never fails. */
    public Future<Void> stop() {
        return embedded.stop();
    }

    /** False: an embedded store is dead and being started again. Outside ones are always taken for running. */
    boolean isRunning(StoreKind kind) {
        return !kinds.contains(kind) || embedded.isReady(kind);
    }

    /** What the running embedded ones answered, such as {@code postgres.fsync} = {@code on}. */
    public Map<String, String> facts() {
        return embedded.facts();
    }

    private Addresses addresses(Map<StoreKind, StoreAddress> started) {
        PostgresConfig postgres = config.postgres();
        RedisConfig redis = config.redis();
        if (kinds.contains(StoreKind.POSTGRES)) {
            StoreAddress address = started.get(StoreKind.POSTGRES);
            postgres = new PostgresConfig(
                    address.url(), address.user(), address.password(), postgres.poolSize(), postgres.timeout());
        }
        if (kinds.contains(StoreKind.REDIS)) {
            StoreAddress address = started.get(StoreKind.REDIS);
            redis = new RedisConfig(
                    List.of(address.url()),
                    redis.mode(),
                    redis.sentinelMaster(),
                    address.password(),
                    redis.sentinelPassword(),
                    redis.connections(),
                    redis.timeout());
        }
        return new Addresses(postgres, redis);
    }

    private static Set<StoreKind> embeddedKinds(SignalboxConfig config) {
        Set<StoreKind> kinds = EnumSet.noneOf(StoreKind.class);
        if (config.postgres().url().isEmpty()) {
            kinds.add(StoreKind.POSTGRES);
        }
        if (config.redis().url().isEmpty()) {
            kinds.add(StoreKind.REDIS);
        }
        return Set.copyOf(kinds);
    }

    /** With the urls and passwords of embedded stores filled in. */
    public record Addresses(PostgresConfig postgres, RedisConfig redis) {}
}
