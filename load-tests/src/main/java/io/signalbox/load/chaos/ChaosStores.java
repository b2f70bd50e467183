package io.signalbox.load.chaos;

import io.signalbox.node.embedded.EmbeddedStores;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.node.embedded.StoreKind;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The stores of all nodes: children of this process, which starts one again when it dies. Thread-safe. */
final class ChaosStores implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final EmbeddedStores servers;
    private final Optional<ReplicatedRedis> replicated;
    private final Map<StoreKind, Long> killed = new ConcurrentHashMap<>();
    private volatile Map<StoreKind, StoreAddress> addresses = Map.of();

    /** @param replicated Redis has a replica and sentinels; else it is alone */
    ChaosStores(Path directory, boolean replicated) {
        this.directory = directory.toAbsolutePath().normalize();
        this.replicated =
                replicated ? Optional.of(new ReplicatedRedis(this.directory.resolve("redis"))) : Optional.empty();
        Set<StoreKind> embedded = replicated ? EnumSet.of(StoreKind.POSTGRES) : EnumSet.allOf(StoreKind.class);
        this.servers = new EmbeddedStores(this.directory, embedded, new SecureRandom());
    }

    void start() throws IOException, InterruptedException {
        try {
            addresses = servers.start()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (replicated.isPresent()) {
                replicated.get().start(directory.resolve("bin"));
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("The stores could not be started: " + e.getMessage(), e);
        }
    }

    /** Empty: it is alone. */
    Optional<ReplicatedRedis> replicatedRedis() {
        return replicated;
    }

    /** Not of a Redis with a replica. */
    StoreAddress address(StoreKind kind) {
        return addresses.get(kind);
    }

    int port(StoreKind kind) {
        return URI.create(address(kind).url()).getPort();
    }

    /** False until a killed one has been replaced. */
    boolean isReady(StoreKind kind) {
        if (kind == StoreKind.REDIS && replicated.isPresent()) {
            return replicated.get().isWhole();
        }
        Optional<ProcessHandle> running = process(kind);
        return servers.isReady(kind) && running.isPresent() && running.get().pid() != killed.getOrDefault(kind, 0L);
    }

    /** kill -9. Nothing when it is dead already. */
    void kill(StoreKind kind) throws IOException, InterruptedException {
        Optional<ProcessHandle> running = process(kind);
        if (running.isPresent()) {
            killed.put(kind, running.get().pid());
            Signals.kill(running.get());
        }
    }

    void hang(StoreKind kind, Duration time) throws IOException, InterruptedException {
        Optional<ProcessHandle> running = process(kind);
        if (running.isPresent()) {
            Signals.hang(running.get(), time);
        }
    }

    /** The store's first process, known by its files: others have the same program. PostgreSQL's others are below it. */
    Optional<ProcessHandle> process(StoreKind kind) {
        String files = directory.resolve(kind == StoreKind.REDIS ? "redis/redis.conf" : "postgres/cluster") + "\0";
        return ProcessHandle.current()
                .descendants()
                .filter(process -> arguments(process).contains(files))
                .findFirst();
    }

    private static String arguments(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    /** The largest file of a store grows from here. */
    Path files(StoreKind kind) {
        return directory.resolve(kind == StoreKind.REDIS ? "redis/files" : "postgres/cluster");
    }

    /** An operator's mistake: all of Redis is gone. */
    void flushRedis() throws IOException {
        String password = address(StoreKind.REDIS).password().reveal();
        try (RedisConversation conversation = new RedisConversation(port(StoreKind.REDIS), password)) {
            conversation.tell("FLUSHALL");
        }
    }

    @Override
    public void close() {
        replicated.ifPresent(ReplicatedRedis::close);
        try {
            servers.stop().toCompletionStage().toCompletableFuture().get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The stores could not be stopped", e);
        }
    }
}
