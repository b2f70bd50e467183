package io.signalbox.node.embedded;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores that a node brings along, as its child processes. Each is started with durable settings and asked for them
 * before it counts as ready; one that dies is started again at the same port. Thread-safe; {@code start} and {@code stop}
 * are idempotent.
 */
public final class EmbeddedStores {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedStores.class);

    private final Map<StoreKind, StoreServer> servers = new EnumMap<>(StoreKind.class);

    /**
     * Throws {@link StoreException} on a machine that there are no servers for, unless no store is asked for.
     *
     * @param dataDirectory no other node may use it meanwhile: hold its lock
     * @param kinds which stores to start
     * @param random for passwords: thread-safe and not to be guessed, such as {@code SecureRandom}
     */
    public EmbeddedStores(Path dataDirectory, Set<StoreKind> kinds, RandomGenerator random) {
        this(dataDirectory, dataDirectory.resolve("bin"), kinds, random);
    }

    /** With the programs in a folder of their own. */
    EmbeddedStores(Path dataDirectory, Path programs, Set<StoreKind> kinds, RandomGenerator random) {
        Path directory = dataDirectory.toAbsolutePath().normalize();
        kinds.forEach(kind -> servers.put(kind, server(kind, directory, programs, random)));
    }

    /**
     * The program {@code redis-server}, unpacked when it is not there yet. Blocking; one thread at a time. Throws {@link
     * StoreException} on a machine that there is none for.
     *
     * @param programs the folder that it is or comes in
     */
    public static Path redisProgram(Path programs) throws IOException {
        return new Binaries(programs.toAbsolutePath().normalize(), Platform.current()).redis();
    }

    private static StoreServer server(StoreKind kind, Path directory, Path programs, RandomGenerator random) {
        Binaries binaries = new Binaries(programs.toAbsolutePath().normalize(), Platform.current());
        return switch (kind) {
            case POSTGRES -> {
                Path folder = directory.resolve("postgres");
                ChildLog childLog = new ChildLog(folder.resolve("postgres.log"));
                yield new StoreServer(new PostgresProgram(folder, binaries, childLog), folder, childLog, random);
            }
            case REDIS -> {
                Path folder = directory.resolve("redis");
                ChildLog childLog = new ChildLog(folder.resolve("redis.log"));
                yield new StoreServer(new RedisProgram(folder, binaries), folder, childLog, random);
            }
        };
    }

    /**
     * Completes when all take connections and their settings were checked; fails with {@link StoreException} after all
     * were stopped again.
     */
    public Future<Map<StoreKind, StoreAddress>> start() {
        Map<StoreKind, StoreAddress> addresses = new EnumMap<>(StoreKind.class);
        List<Future<StoreAddress>> starts =
                servers.values().stream().map(StoreServer::start).toList();
        return Future.all(starts)
                .map(all -> {
                    servers.forEach(
                            (kind, server) -> addresses.put(kind, server.start().result()));
                    if (!servers.isEmpty()) {
                        log.info("Embedded stores are ready: {}", facts());
                    }
                    return Map.copyOf(addresses);
                })
                .recover(failure -> stop().transform(ignored -> Future.failedFuture(failure)));
    }

    /** Completes when all have ended; never fails. */
    public Future<Void> stop() {
        return Future.join(servers.values().stream().map(StoreServer::stop).toList())
                .mapEmpty();
    }

    /** False while the store is starting, or dead and being started again. */
    public boolean isReady(StoreKind kind) {
        return servers.containsKey(kind) && servers.get(kind).isReady();
    }

    /** What the running servers answered, such as {@code postgres.fsync} = {@code on}. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        servers.values().forEach(server -> facts.putAll(new TreeMap<>(server.facts())));
        return facts;
    }
}
