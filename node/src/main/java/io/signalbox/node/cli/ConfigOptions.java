package io.signalbox.node.cli;

import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a node's configuration comes from. */
final class ConfigOptions {
    private static final Path USUAL_FILE = Path.of("signalbox.yaml");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:SIGNALBOX_CONFIG}",
            description = "Configuration in YAML; else SIGNALBOX_CONFIG, else signalbox.yaml if it is there.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one key, over file and environment: --set gateway.port=0")
    private Map<String, String> settings = new LinkedHashMap<>();

    SignalboxConfig load() {
        return ConfigLoader.load(file(), System.getenv(), settings);
    }

    Optional<Path> file() {
        return file.or(() -> Optional.of(USUAL_FILE).filter(Files::exists));
    }

    /** Values by key, as given. */
    Map<String, String> settings() {
        return settings;
    }
}
