package io.signalbox.node.system;

import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.SignalboxNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A real node in this JVM, with real stores, for one test class. Short times, so that tests of time need not wait long. */
final class RunningNode implements AutoCloseable {
    private final Path directory;
    private final SignalboxNode node;

    private RunningNode(Path directory, SignalboxNode node) {
        this.directory = directory;
        this.node = node;
    }

    static RunningNode start() {
        return start(Map.of());
    }

    static RunningNode start(Map<String, String> settings) {
        Path directory = newDirectory();
        Map<String, String> arguments = new HashMap<>(Map.of(
                "gateway.port", "0",
                "gateway.heartbeat", "1s",
                "gateway.resume-grace", "2s",
                "gateway.hello-timeout", "1s",
                "gateway.max-payload", "64KiB",
                "gateway.max-frame", "128KiB",
                "allocation.lease", "3s",
                "allocation.backoff-initial", "100ms",
                "registry.presence-time-to-live", "10s",
                "node.data-directory", directory.toString()));
        arguments.putAll(settings);
        SignalboxConfig config = ConfigLoader.load(Optional.empty(), Map.of(), arguments);
        SignalboxNode node = new SignalboxNode(config);
        node.start().await();
        return new RunningNode(directory, node);
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("signalbox-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return node.url();
    }

    int port() {
        return node.port();
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        node.stop().await();
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
