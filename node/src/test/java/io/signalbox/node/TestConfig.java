package io.signalbox.node;

import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The defaults, on any free port and in a folder of the test's own. */
final class TestConfig {
    private TestConfig() {}

    static SignalboxConfig in(Path dataDirectory) {
        return at(0, dataDirectory);
    }

    static SignalboxConfig at(int port, Path dataDirectory) {
        return ConfigLoader.load(
                Optional.empty(),
                Map.of(),
                Map.of("gateway.port", Integer.toString(port), "node.data-directory", dataDirectory.toString()));
    }
}
