package io.signalbox.node;

import io.signalbox.config.AllocationConfig;
import io.signalbox.config.BusConfig;
import io.signalbox.config.ByteSize;
import io.signalbox.config.GatewayConfig;
import io.signalbox.config.IdentityConfig;
import io.signalbox.config.LogConfig;
import io.signalbox.config.NodeConfig;
import io.signalbox.config.NodeKind;
import io.signalbox.config.PostgresConfig;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.RegistryConfig;
import io.signalbox.config.Secret;
import io.signalbox.config.SignalboxConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The defaults, on any free port and in a folder of the test's own. */
final class TestConfig {
    private TestConfig() {}

    static SignalboxConfig in(Path dataDirectory) {
        return new SignalboxConfig(
                new NodeConfig("node-1", NodeKind.PRIMARY, OptionalInt.empty(), dataDirectory, Duration.ofSeconds(10)),
                gateway(),
                new IdentityConfig(Optional.empty(), "signalbox", "signalbox", Duration.ofSeconds(30)),
                new BusConfig(65_536, Duration.ofSeconds(10)),
                new RegistryConfig(Duration.ofSeconds(60)),
                allocation(),
                new PostgresConfig("", "", new Secret(""), 4, Duration.ofSeconds(5)),
                new RedisConfig("", new Secret(""), Duration.ofSeconds(2)),
                new LogConfig(LogConfig.LogFormat.TEXT, LogConfig.LogLevel.INFO));
    }

    private static GatewayConfig gateway() {
        return new GatewayConfig(
                "127.0.0.1",
                0,
                List.of(),
                25_000,
                10_000,
                100,
                new ByteSize(1 << 20),
                new ByteSize(256 << 10),
                new ByteSize(1 << 20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10),
                Duration.ofSeconds(10));
    }

    private static AllocationConfig allocation() {
        return new AllocationConfig(
                1_000_000,
                Duration.ofSeconds(30),
                Duration.ofSeconds(15),
                3,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                500);
    }
}
