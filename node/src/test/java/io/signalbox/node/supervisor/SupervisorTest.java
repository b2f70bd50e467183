package io.signalbox.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before anything is started. The rest is in SupervisorSystemTest. */
class SupervisorTest {
    @TempDir
    Path directory;

    @Test
    void shouldRefuseMoreConnectionsThanTheEmbeddedPostgresTakes() {
        Map<String, String> settings =
                Map.of("node.data-directory", directory.toString(), "postgres.pool-size", "62", "gateway.port", "0");
        SignalboxConfig config = ConfigLoader.load(Optional.empty(), Map.of(), settings);
        Supervisor supervisor = new Supervisor(config, Optional.empty(), settings, 3, line -> {});

        assertThatThrownBy(() -> supervisor.start().await())
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("3 nodes with postgres.pool-size 62 want 192 connections");
        assertThat(directory.resolve("postgres")).doesNotExist();
    }
}
