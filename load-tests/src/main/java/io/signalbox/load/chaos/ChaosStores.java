package io.signalbox.load.chaos;

import io.signalbox.node.embedded.EmbeddedStores;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.node.embedded.StoreKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The stores of all nodes: children of this process, which starts one again when it dies. Thread-safe. */
final class ChaosStores implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);
    private static final int REDIS_MILLIS = 30_000;

    private final Path directory;
    private final EmbeddedStores servers;
    private final Map<StoreKind, Long> killed = new ConcurrentHashMap<>();
    private volatile Map<StoreKind, StoreAddress> addresses = Map.of();

    ChaosStores(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
        this.servers = new EmbeddedStores(this.directory, EnumSet.allOf(StoreKind.class), new SecureRandom());
    }

    void start() throws IOException, InterruptedException {
        try {
            addresses = servers.start()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("The stores could not be started: " + e.getMessage(), e);
        }
    }

    StoreAddress address(StoreKind kind) {
        return addresses.get(kind);
    }

    int port(StoreKind kind) {
        return URI.create(address(kind).url()).getPort();
    }

    /** False until a killed one has been replaced. */
    boolean isReady(StoreKind kind) {
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
        StoreAddress address = address(StoreKind.REDIS);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(StoreKind.REDIS))) {
            socket.setSoTimeout(REDIS_MILLIS);
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String command : new String[] {"AUTH " + address.password().reveal(), "FLUSHALL"}) {
                socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
                String answer = answers.readLine();
                if (!"+OK".equals(answer)) {
                    throw new IOException("Redis answers " + answer);
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            servers.stop().toCompletionStage().toCompletableFuture().get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The stores could not be stopped", e);
        }
    }
}
