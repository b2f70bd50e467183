package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.node.process.NodeProcess;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole node with its real stores. */
@Timeout(180)
class SignalboxNodeTest {
    @TempDir
    Path directory;

    private final List<SignalboxNode> made = new ArrayList<>();

    /** Unpacked once for all tests. */
    @BeforeEach
    void sharePrograms() throws Exception {
        Path programs = Files.createDirectories(Path.of("target", "embedded-programs"));
        Files.createSymbolicLink(directory.resolve("bin"), programs.toAbsolutePath());
    }

    @AfterEach
    void stopAll() throws Exception {
        for (SignalboxNode node : made) {
            get(node.stop());
        }
    }

    @Test
    void shouldBeReadyAndDurableWhenStarted() throws Exception {
        SignalboxNode node = node();

        assertThat(get(node.start())).isSameAs(node);

        assertThat(node.lacking()).isEmpty();
        assertThat(node.facts()).containsEntry("postgres.fsync", "on").containsEntry("redis.appendfsync", "always");
    }

    @Test
    void shouldAnswerTheSameWhenStartedOrStoppedTwice() throws Exception {
        SignalboxNode node = node();

        assertThat(get(node.start())).isSameAs(get(node.start()));
        get(node.stop());
        get(node.stop());

        assertThat(node.lacking()).isNotEmpty();
    }

    @Test
    void shouldStartAgainWhenStopped() throws Exception {
        SignalboxNode first = node();
        get(first.start());
        get(first.stop());

        get(node().start());
    }

    @Test
    void shouldGiveUpTheStartWhenStopped() throws Exception {
        SignalboxNode node = node();
        Future<SignalboxNode> start = node.start();

        get(node.stop());

        assertThatThrownBy(() -> get(start)).isInstanceOf(NodeException.class);
        get(node().start());
    }

    @Test
    void shouldNotStartWhenStoppedBefore() throws Exception {
        SignalboxNode node = node();
        get(node.stop());

        assertThatThrownBy(() -> get(node.start())).isInstanceOf(NodeException.class);
    }

    @Test
    void shouldRefuseWhenAnotherNodeHasTheDataDirectory() throws Exception {
        SignalboxNode first = node();
        get(first.start());

        assertThatThrownBy(() -> get(node().start()))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("in use by node node-1 (process "
                        + ProcessHandle.current().pid());
        assertThat(first.lacking()).isEmpty();
    }

    @Test
    void shouldStartNoStoreWhenThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            SignalboxNode node = keep(new SignalboxNode(TestConfig.at(taken.getLocalPort(), directory)));

            assertThatThrownBy(() -> get(node.start()))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("gateway.port");
            assertThat(directory.resolve("postgres")).doesNotExist();
        }
        get(node().start());
    }

    @Test
    void shouldReleaseEverythingWhenTheStartFails() throws Exception {
        Files.createDirectories(directory.resolve("postgres/cluster"));
        Files.writeString(directory.resolve("postgres/cluster/PG_VERSION"), "17\n");

        assertThatThrownBy(() -> get(node().start()))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("PostgreSQL 17");

        Files.delete(directory.resolve("postgres/cluster/PG_VERSION"));
        Files.delete(directory.resolve("postgres/cluster"));
        get(node().start());
    }

    @Test
    void shouldStartAgainWhenItWasKilled() throws Exception {
        try (NodeProcess process = new NodeProcess(directory, Map.of())) {
            for (int kill = 0; kill < 2; kill++) {
                process.start(Duration.ofSeconds(120));
                process.kill();
            }
        }

        SignalboxNode node = node(directory.resolve("data"));
        get(node.start());

        assertThat(node.lacking()).isEmpty();
    }

    private SignalboxNode node() {
        return node(directory);
    }

    private SignalboxNode node(Path dataDirectory) {
        return keep(new SignalboxNode(TestConfig.in(dataDirectory)));
    }

    private SignalboxNode keep(SignalboxNode node) {
        made.add(node);
        return node;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.await(120, TimeUnit.SECONDS);
    }
}
