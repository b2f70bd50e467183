package io.signalbox.load.peer;

import io.signalbox.config.ByteSize;
import io.signalbox.gateway.identity.Ed25519Keys;
import io.signalbox.gateway.tls.SelfSignedCertificate;
import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.generator.Layout;
import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Signalbox, with everything on that a node has in production: tokens, permissions, stamping, metrics, stores. */
public final class SignalboxPeer implements Peer {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final String CERTIFICATE = "gateway.tls-certificate-file";
    private static final String DEFAULT_OUTBOUND = "1MiB";

    private final int count;
    private final Map<String, String> settings;
    private final boolean tls;
    private final String pin;
    private final Path home;
    private final List<NodeProcess> processes = new ArrayList<>();

    /**
     * @param count of nodes, which are separate until they form a cluster
     * @param agents that each node must take
     * @param settings besides those that the load needs
     * @param tls with a certificate of its own
     */
    public SignalboxPeer(int count, int agents, Map<String, String> settings, boolean tls, String pin, Path home) {
        this.count = count;
        this.settings = new HashMap<>(Map.of(
                "node.capacity", Integer.toString(agents + 1000),
                "identity.public-key-file", home.resolve("public.pem").toString()));
        this.settings.putAll(settings);
        this.tls = tls;
        this.pin = pin;
        this.home = home;
    }

    /** Configuration of the Redis that the first node starts, once it has. */
    static Path redisFile(Path home) {
        return home.resolve("node-1").resolve(Path.of("data", "redis", "redis.conf"));
    }

    @Override
    public String name() {
        String nodes = count == 1 ? "Signalbox" : "Signalbox, " + count + " nodes";
        return tls ? nodes + ", TLS" : nodes;
    }

    @Override
    public Dialects dialect() {
        return Dialects.SIGNALBOX;
    }

    @Override
    public void start() throws IOException, InterruptedException {
        Files.createDirectories(home);
        KeyPair keys = Ed25519Keys.generate();
        Ed25519Keys.writePrivate(home.resolve("private.pem"), keys.getPrivate());
        Ed25519Keys.writePublic(home.resolve("public.pem"), keys.getPublic());
        if (tls) {
            SelfSignedCertificate certificate = SelfSignedCertificate.create(home);
            settings.put(CERTIFICATE, certificate.certificateFile().toString());
            settings.put("gateway.tls-key-file", certificate.keyFile().toString());
        }
        for (int i = 1; i <= count; i++) {
            Map<String, String> own = new HashMap<>(settings);
            own.put("node.id", "node-" + i);
            NodeProcess process = new NodeProcess(home.resolve("node-" + i), own, pin);
            processes.add(process);
            process.start(START_PATIENCE);
        }
    }

    @Override
    public List<Layout.Node> nodes() {
        return processes.stream()
                .map(process -> URI.create(process.url()))
                .map(url -> new Layout.Node(url.getHost(), url.getPort()))
                .toList();
    }

    @Override
    public List<Long> pids() {
        return processes.stream().map(NodeProcess::pid).toList();
    }

    @Override
    public List<Long> storePids() {
        return StorePeer.pids(redisFile(home));
    }

    @Override
    public boolean tls() {
        return tls;
    }

    @Override
    public Optional<Path> certificate() {
        return Optional.ofNullable(settings.get(CERTIFICATE)).map(Path::of);
    }

    @Override
    public Optional<Path> key() {
        return Optional.of(home.resolve("private.pem"));
    }

    @Override
    public Duration killAndStart() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        processes.getFirst().kill();
        processes.getFirst().start(START_PATIENCE);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public List<URI> metrics() {
        return processes.stream()
                .map(process -> URI.create(process.url() + "/metrics"))
                .toList();
    }

    @Override
    public long outboundBound() {
        return ByteSize.parse(settings.getOrDefault("gateway.max-outbound", DEFAULT_OUTBOUND))
                .map(ByteSize::bytes)
                .orElse(0L);
    }

    @Override
    public boolean isSubject() {
        return true;
    }

    @Override
    public void close() {
        List<Thread> closing = processes.stream()
                .map(process -> Thread.ofVirtual().start(process::close))
                .toList();
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
