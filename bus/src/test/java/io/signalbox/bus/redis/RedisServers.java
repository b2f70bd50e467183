package io.signalbox.bus.redis;

import io.signalbox.config.RedisConfig;
import io.signalbox.config.RedisMode;
import io.signalbox.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Real Redis servers for a test, in a temporary folder and on free ports. */
public final class RedisServers implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final int SLOTS = 16_384;
    private static final String SENTINEL_MASTER = "main";

    private final RedisMode mode;
    private final Path directory;
    private final List<RedisProcess> servers = new ArrayList<>();
    private final List<RedisProcess> sentinels = new ArrayList<>();

    private RedisServers(RedisMode mode) throws IOException {
        this.mode = mode;
        this.directory = Files.createTempDirectory("redis-servers");
    }

    private interface Setup {
        void of(RedisServers servers) throws IOException;
    }

    private static RedisServers start(RedisMode mode, Setup setup) {
        try {
            RedisServers servers = new RedisServers(mode);
            try {
                setup.of(servers);
                return servers;
            } catch (IOException | RuntimeException | Error e) {
                servers.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One server. */
    public static RedisServers standalone() {
        return start(RedisMode.STANDALONE, RedisServers::addServer);
    }

    /** A primary, the first, and a replica of it that is up to date; no sentinels. */
    public static RedisServers replicated() {
        return start(RedisMode.STANDALONE, RedisServers::addPrimaryAndReplica);
    }

    /** A primary, the first, a replica of it, and three sentinels that take a server for dead after a second. */
    public static RedisServers sentinel() {
        return start(RedisMode.SENTINEL, servers -> {
            servers.addPrimaryAndReplica();
            for (int i = 0; i < 3; i++) {
                servers.addSentinel();
            }
            servers.sentinels.forEach(sentinel ->
                    await(() -> sentinel.answers("SENTINEL MASTER " + SENTINEL_MASTER, "num-other-sentinels\r\n$1\r\n2")
                            && sentinel.answers("SENTINEL MASTER " + SENTINEL_MASTER, "num-slaves\r\n$1\r\n1")));
        });
    }

    /** Three primaries, each with a third of the slots, and three replicas, in the same order. */
    public static RedisServers cluster() {
        return start(RedisMode.CLUSTER, servers -> {
            for (int i = 0; i < 6; i++) {
                servers.addClusterNode();
            }
            servers.joinCluster();
        });
    }

    private RedisProcess addServer(String... settings) throws IOException {
        RedisProcess server = RedisProcess.server(newFolder("server"), settings);
        servers.add(server);
        return server;
    }

    private Path newFolder(String kind) throws IOException {
        return Files.createDirectory(directory.resolve(kind + (servers.size() + sentinels.size())));
    }

    private void addPrimaryAndReplica() throws IOException {
        int primary = addServer().port();
        RedisProcess replica = addServer("--replicaof", "127.0.0.1", Integer.toString(primary));
        await(() -> replica.answers("INFO replication", "master_link_status:up"));
    }

    private void addSentinel() throws IOException {
        sentinels.add(RedisProcess.sentinel(newFolder("sentinel"), """
                sentinel monitor %1$s 127.0.0.1 %2$d 2
                sentinel down-after-milliseconds %1$s 1000
                sentinel failover-timeout %1$s 3000
                """.formatted(
                        SENTINEL_MASTER, servers.getFirst().port())));
    }

    private void addClusterNode() throws IOException {
        addServer(
                "--cluster-enabled",
                "yes",
                "--cluster-port",
                Integer.toString(RedisProcess.freePort()),
                "--cluster-node-timeout",
                "1000",
                "--cluster-require-full-coverage",
                "no");
    }

    private void joinCluster() {
        for (int i = 0; i < servers.size(); i++) {
            servers.get(i).ask("CLUSTER SET-CONFIG-EPOCH " + (i + 1));
            String bus = servers.get(i).ask("CONFIG GET cluster-port").strip().replaceAll("(?s).*\n", "");
            servers.getFirst().ask("CLUSTER MEET 127.0.0.1 " + servers.get(i).port() + " " + bus);
        }
        for (int i = 0; i < 3; i++) {
            int from = SLOTS * i / 3;
            int to = SLOTS * (i + 1) / 3 - 1;
            servers.get(i).ask("CLUSTER ADDSLOTSRANGE " + from + " " + to);
        }
        servers.forEach(server -> await(() -> server.answers("CLUSTER INFO", "cluster_known_nodes:6")
                && server.answers("CLUSTER INFO", "cluster_slots_ok:" + SLOTS)));
        for (int i = 0; i < 3; i++) {
            RedisProcess replica = servers.get(i + 3);
            String primary = servers.get(i)
                    .ask("CLUSTER MYID")
                    .lines()
                    .skip(1)
                    .findFirst()
                    .orElseThrow();
            await(() -> replica.answers("CLUSTER REPLICATE " + primary, "OK"));
            await(() -> replica.answers("INFO replication", "master_link_status:up"));
        }
        servers.forEach(server -> await(() -> server.answers("CLUSTER INFO", "cluster_state:ok")
                && server.ask("CLUSTER NODES").split("slave").length == 4));
    }

    /** Of a link to these servers, with a short timeout. */
    public RedisConfig config() {
        return config(Duration.ofSeconds(1));
    }

    public RedisConfig config(Duration timeout) {
        List<RedisProcess> known =
                mode == RedisMode.SENTINEL ? sentinels : servers.subList(0, Math.min(3, servers.size()));
        List<String> urls = (mode == RedisMode.STANDALONE ? servers.subList(0, 1) : known)
                .stream().map(process -> "redis://127.0.0.1:" + process.port()).toList();
        return config(mode, mode == RedisMode.SENTINEL ? SENTINEL_MASTER : "", "", timeout, urls);
    }

    static RedisConfig config(
            RedisMode mode, String sentinelMaster, String password, Duration timeout, List<String> urls) {
        return new RedisConfig(urls, mode, sentinelMaster, new Secret(password), new Secret(""), 2, timeout);
    }

    /** In the order of the method that made them. */
    public RedisProcess server(int index) {
        return servers.get(index);
    }

    public RedisProcess sentinel(int index) {
        return sentinels.get(index);
    }

    /** Until it is so. */
    public static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it did not come about");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Override
    public void close() {
        sentinels.forEach(RedisProcess::kill);
        servers.forEach(RedisProcess::kill);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
