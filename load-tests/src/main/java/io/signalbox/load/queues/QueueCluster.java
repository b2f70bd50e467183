package io.signalbox.load.queues;

import io.signalbox.node.embedded.EmbeddedStores;
import io.signalbox.node.embedded.FreePort;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.node.embedded.StoreKind;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Nodes that share a PostgreSQL and a Redis, which other queues can use as well. Not thread-safe. */
final class QueueCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final EmbeddedStores stores;
    private final Map<StoreKind, StoreAddress> addresses;
    private final List<NodeProcess> nodes = new ArrayList<>();

    private QueueCluster(EmbeddedStores stores, Map<StoreKind, StoreAddress> addresses) {
        this.stores = stores;
        this.addresses = addresses;
    }

    /** Returns when all nodes are ready. */
    static QueueCluster start(Path home, int nodes, int agents) throws IOException, InterruptedException {
        EmbeddedStores stores =
                new EmbeddedStores(home.resolve("stores"), EnumSet.allOf(StoreKind.class), new SecureRandom());
        QueueCluster cluster = new QueueCluster(stores, await(stores));
        try {
            for (int i = 1; i <= nodes; i++) {
                cluster.startNode(home, "node-" + i, agents);
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static Map<StoreKind, StoreAddress> await(EmbeddedStores stores) throws IOException, InterruptedException {
        try {
            return stores.start().toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("The stores could not be started: " + e.getMessage(), e);
        }
    }

    private void startNode(Path home, String name, int agents) throws IOException, InterruptedException {
        Map<String, String> settings = new HashMap<>(storeSettings());
        settings.put("node.id", name);
        settings.put("node.capacity", Integer.toString(agents + 1000));
        settings.put("cluster.enabled", "true");
        settings.put("cluster.port", Integer.toString(FreePort.find(ThreadLocalRandom.current())));
        NodeProcess node = new NodeProcess(home.resolve(name), settings);
        nodes.add(node);
        node.start(PATIENCE);
    }

    private Map<String, String> storeSettings() {
        StoreAddress database = addresses.get(StoreKind.POSTGRES);
        StoreAddress redis = addresses.get(StoreKind.REDIS);
        return Map.of(
                "redis.url", redis.url(),
                "redis.password", redis.password().reveal(),
                "postgres.url", database.url(),
                "postgres.user", database.user(),
                "postgres.password", database.password().reveal());
    }

    List<String> urls() {
        return nodes.stream().map(NodeProcess::url).toList();
    }

    /** With user and password, as the drivers of other languages take it. */
    String postgresUrl() {
        StoreAddress database = addresses.get(StoreKind.POSTGRES);
        String login = database.user() + ":" + database.password().reveal() + "@";
        return database.url().replaceFirst("://", "://" + login);
    }

    String redisUrl() {
        StoreAddress redis = addresses.get(StoreKind.REDIS);
        return redis.url().replaceFirst("://", "://:" + redis.password().reveal() + "@");
    }

    /** Seconds of CPU that these used so far: nodes, PostgreSQL with its processes, Redis. */
    Usage usage() {
        double inNodes = nodes.stream()
                .mapToDouble(node -> seconds(ProcessHandle.of(node.pid()).orElseThrow()))
                .sum();
        double inStores = ProcessHandle.current()
                .descendants()
                .filter(process -> nodes.stream().noneMatch(node -> node.pid() == process.pid()))
                .mapToDouble(QueueCluster::seconds)
                .sum();
        return new Usage(inNodes, inStores);
    }

    record Usage(double nodes, double stores) {
        Usage since(Usage before) {
            return new Usage(nodes - before.nodes, stores - before.stores);
        }
    }

    private static double seconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    @Override
    public void close() {
        nodes.forEach(NodeProcess::close);
        try {
            stores.stop().toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("The stores could not be stopped", e);
        }
    }
}
