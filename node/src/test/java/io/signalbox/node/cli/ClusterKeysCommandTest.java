package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.PeerTransport;
import io.signalbox.bus.cluster.tcp.PeerTls;
import io.signalbox.bus.cluster.tcp.TcpTransport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ClusterKeysCommandTest {
    @TempDir
    Path directory;

    private CommandRun make(String... nodes) {
        List<String> arguments = Stream.concat(
                        Stream.of("keys", "cluster", "--directory", directory.toString()), Stream.of(nodes))
                .toList();
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    /** By name: what is in it, with the permissions. */
    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                files.put(
                        file.getFileName().toString(),
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + Files.readString(file));
            }
        }
        return files;
    }

    private X509Certificate certificate(String name) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(Files.newInputStream(directory.resolve(name)));
    }

    private PeerTls tls(String node) throws IOException {
        return PeerTls.read(
                directory.resolve(node + ".pem"),
                directory.resolve(node + "-key.pem"),
                directory.resolve("cluster-authority.pem"));
    }

    /** A node that says when it is linked with the other. */
    private static final class Node implements PeerTransport.Listener {
        private final String name;
        private final TcpTransport transport;
        private final Promise<String> linked = Promise.promise();

        Node(String name, Vertx vertx, PeerTls tls) {
            this.name = name;
            this.transport = new TcpTransport(
                    vertx, new TcpTransport.Options("test", name, "127.0.0.1", 0, Optional.of(tls)), new Random(1));
        }

        PeerAddress address() {
            return new PeerAddress(name, "127.0.0.1", transport.port());
        }

        @Override
        public void connected(String peer) {
            linked.tryComplete(peer);
        }

        @Override
        public void disconnected(String peer) {}

        @Override
        public void received(String peer, ByteBuffer frame) {}

        @Override
        public void writable(String peer) {}
    }

    private void link(Node one, Node other, Vertx vertx) throws Exception {
        Promise<Void> listening = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(ignored -> Future.all(one.transport.start(one), other.transport.start(other))
                        .onSuccess(started -> {
                            List<PeerAddress> addresses = List.of(one.address(), other.address());
                            one.transport.peers(addresses);
                            other.transport.peers(addresses);
                        })
                        .<Void>mapEmpty()
                        .onComplete(listening));
        listening.future().await(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldLinkNodesWithWhatWasMade() throws Exception {
        assertThat(make("node-1").exitCode()).isZero();
        assertThat(make("node-2").exitCode()).isZero();
        Vertx vertx = Vertx.vertx();
        try {
            Node one = new Node("node-1", vertx, tls("node-1"));
            Node two = new Node("node-2", vertx, tls("node-2"));

            link(one, two, vertx);

            assertThat(one.linked.future().await(20, TimeUnit.SECONDS)).isEqualTo("node-2");
            assertThat(two.linked.future().await(20, TimeUnit.SECONDS)).isEqualTo("node-1");
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void shouldKeepKeysFromOthersAndLeaveNothingElseBehind() throws Exception {
        CommandRun run = make("a", "A.1", "--days", "10");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(4);
        assertThat(files())
                .containsOnlyKeys(
                        "cluster-authority.pem",
                        "cluster-authority-key.pem",
                        "a.pem",
                        "a-key.pem",
                        "A.1.pem",
                        "A.1-key.pem")
                .allSatisfy((name, content) -> assertThat(content)
                        .matches(
                                name.endsWith("-key.pem")
                                        ? "(?s)rw-------" + "-----BEGIN PRIVATE KEY-----\n.*"
                                        : "(?s)rw.{7}" + "-----BEGIN CERTIFICATE-----\n.*"));
    }

    @Test
    void shouldSignNodesThatCannotSignOthers() throws Exception {
        make("n1", "--days", "10");

        X509Certificate authority = certificate("cluster-authority.pem");
        X509Certificate node = certificate("n1.pem");
        node.verify(authority.getPublicKey());
        assertThat(node.getSubjectX500Principal().getName()).isEqualTo("CN=n1");
        assertThat(node.getBasicConstraints()).isEqualTo(-1);
        assertThat(authority.getBasicConstraints()).isZero();
        assertThat(Duration.between(
                        node.getNotBefore().toInstant(), node.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(10));
    }

    @Test
    void shouldWriteNothingOverAndNothingAtAllWhenAFileIsThere() throws Exception {
        make("n1");
        Map<String, String> before = files();

        CommandRun run = make("n2", "n1");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("n1.pem is there already");
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void shouldRefuseHalfAnAuthority() throws Exception {
        make("n1");
        Files.delete(directory.resolve("cluster-authority-key.pem"));

        CommandRun run = make("n2");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("The authority is not whole", "cluster-authority-key.pem");
        assertThat(files()).doesNotContainKeys("n2.pem", "n2-key.pem");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "../n1",
                "n1/n2",
                "CN=x",
                "-n1",
                "n1 n1",
                "a-key a",
                "cluster-authority",
                "n1 --days 0",
                "n1 --days 3651"
            })
    void shouldWriteNothingWhenUsedWrongly(String arguments) throws Exception {
        CommandRun run = make(arguments.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(files()).isEmpty();
    }
}
