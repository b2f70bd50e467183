package io.signalbox.load.chaos;

import io.signalbox.node.embedded.FreePort;
import io.signalbox.node.embedded.StoreAddress;
import io.signalbox.node.embedded.StoreKind;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Nodes that share stores, each linked with each other thing through proxies of its own. */
final class ChaosCluster implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(25);

    /** From one node to another. */
    private record Pair(String from, String to) {}

    private final ChaosStores stores;
    private final List<ChaosNode> nodes = new ArrayList<>();
    private final List<TcpProxy> proxies = new ArrayList<>();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(1))
            .build();
    private final Thread atExit = new Thread(this::stop);

    private ChaosCluster(Path directory, boolean replicated) {
        this.stores = new ChaosStores(directory.resolve("stores"), replicated);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Returns when all is started and linked.
     *
     * @param directory gets data and logs of all
     * @param replicated Redis has a replica and sentinels, and the nodes' connections to it go through no proxy
     */
    static ChaosCluster start(Path directory, int nodes, boolean replicated, Duration patience)
            throws IOException, InterruptedException {
        ChaosCluster cluster = new ChaosCluster(directory, replicated);
        try {
            cluster.stores.start();
            cluster.build(directory, nodes);
            AllOf.run(cluster.nodes, ChaosNode::start);
            cluster.awaitWhole(patience);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void build(Path directory, int count) throws IOException {
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (int i = 1; i <= count; i++) {
            ports.put("node-" + i, FreePort.find(ThreadLocalRandom.current()));
        }
        Map<Pair, TcpProxy> links = new HashMap<>();
        for (String from : ports.keySet()) {
            for (String to : ports.keySet()) {
                if (!from.equals(to)) {
                    links.put(new Pair(from, to), proxy(ports.get(to)));
                }
            }
        }
        for (String name : ports.keySet()) {
            nodes.add(node(directory.resolve(name), name, ports, links));
        }
    }

    private ChaosNode node(Path directory, String name, Map<String, Integer> ports, Map<Pair, TcpProxy> links)
            throws IOException {
        TcpProxy postgres = proxy(stores.port(StoreKind.POSTGRES));
        Map<String, String> settings = new HashMap<>(settings(postgres));
        List<TcpProxy> redis = new ArrayList<>();
        if (stores.replicatedRedis().isPresent()) {
            settings.putAll(settings(stores.replicatedRedis().get()));
        } else {
            redis.add(proxy(stores.port(StoreKind.REDIS)));
            settings.put("redis.url", "redis://127.0.0.1:" + redis.getFirst().port());
            settings.put(
                    "redis.password", stores.address(StoreKind.REDIS).password().reveal());
        }
        settings.put("node.id", name);
        if (ports.size() > 1) {
            settings.put("cluster.enabled", "true");
            settings.put("cluster.port", Integer.toString(ports.get(name)));
            settings.put(
                    "cluster.members",
                    ports.keySet().stream()
                            .filter(peer -> !peer.equals(name))
                            .map(peer -> peer + "=127.0.0.1:"
                                    + links.get(new Pair(name, peer)).port())
                            .collect(Collectors.joining(",")));
        }
        return new ChaosNode(
                name,
                new NodeProcess(directory, settings),
                redis,
                postgres,
                links.entrySet().stream()
                        .filter(link -> link.getKey().from().equals(name))
                        .map(Map.Entry::getValue)
                        .toList(),
                links.entrySet().stream()
                        .filter(link -> link.getKey().to().equals(name))
                        .map(Map.Entry::getValue)
                        .toList());
    }

    private static Map<String, String> settings(ReplicatedRedis redis) {
        return Map.of(
                "redis.mode",
                "sentinel",
                "redis.sentinel-master",
                ReplicatedRedis.MASTER,
                "redis.url",
                redis.urls(),
                "redis.password",
                redis.password());
    }

    private Map<String, String> settings(TcpProxy postgres) {
        StoreAddress database = stores.address(StoreKind.POSTGRES);
        String path = database.url().substring(database.url().lastIndexOf('/'));
        return Map.of(
                "postgres.url", "postgresql://127.0.0.1:" + postgres.port() + path,
                "postgres.user", database.user(),
                "postgres.password", database.password().reveal());
    }

    private TcpProxy proxy(int port) throws IOException {
        TcpProxy proxy = new TcpProxy(port);
        proxies.add(proxy);
        return proxy;
    }

    List<ChaosNode> nodes() {
        return List.copyOf(nodes);
    }

    ChaosStores stores() {
        return stores;
    }

    List<String> urls() {
        return nodes.stream().map(ChaosNode::url).toList();
    }

    Optional<NodeStatus> status(ChaosNode node) throws InterruptedException {
        return NodeStatus.of(http, node.url());
    }

    /**
     * Returns when the stores are there, each node is ready, linked with all others, and knows them.
     *
     * @throws IOException when that is not so in time; says what is missing
     */
    void awaitWhole(Duration patience) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        Optional<String> missing = missing();
        while (missing.isPresent()) {
            if (System.nanoTime() > end) {
                throw new IOException("not whole after " + patience.toSeconds() + " s: " + missing.get());
            }
            Thread.sleep(POLL);
            missing = missing();
        }
    }

    private Optional<String> missing() throws InterruptedException {
        for (StoreKind kind : StoreKind.values()) {
            if (!stores.isReady(kind)) {
                return Optional.of(kind + " is not ready");
            }
        }
        for (ChaosNode node : nodes) {
            Optional<NodeStatus> status = status(node);
            if (status.isEmpty() || !NodeStatus.isReady(http, node.url())) {
                return Optional.of(node.name() + " is not ready");
            }
            if (status.get().peers() != nodes.size() - 1
                    || status.get().members().size() != nodes.size()) {
                return Optional.of(node.name() + " sees " + status.get());
            }
        }
        return Optional.empty();
    }

    /** Picks different ones. */
    List<ChaosNode> some(int count, RandomGenerator random) {
        List<ChaosNode> left = new ArrayList<>(nodes);
        return IntStream.range(0, Math.min(count, nodes.size()))
                .mapToObj(i -> left.remove(random.nextInt(left.size())))
                .toList();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        stop();
    }

    private void stop() {
        try {
            AllOf.run(nodes, ChaosNode::close);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopOthers();
        }
    }

    private void stopOthers() {
        proxies.forEach(TcpProxy::close);
        stores.close();
        http.close();
    }
}
