package io.signalbox.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Where clients connect, and their limits. Immutable, thread-safe. */
public record GatewayConfig(
        @Setting(
                value = "Address to listen on. Anything but loopback needs identity.public-key-file",
                defaultValue = "127.0.0.1")
        String host,

        @Setting(value = "Port of HTTP and WebSocket; 0: any free one", defaultValue = "4280", min = 0, max = 65_535)
        int port,

        @Setting("Certificate (PEM, the chain after it) to serve TLS with; read again when it changes. Empty: no TLS")
        Optional<Path> tlsCertificateFile,

        @Setting("Its private key (PEM, PKCS #8)") Optional<Path> tlsKeyFile,

        @Setting(value = "Origins of web pages that may connect besides the node's own", defaultValue = "")
        List<String> allowedOrigins,

        @Setting(
                value =
                        "Connections at once; more are refused with 503. Empty: what open files, heap and direct memory allow",
                min = 1,
                max = 1_000_000)
        OptionalInt maxConnections,

        @Setting(
                value =
                        "Connections let in per second; in a storm the others wait for their turn, or are told when to come again. Empty: 1000 per core",
                min = 1,
                max = 1_000_000)
        OptionalInt maxConnectsPerSecond,

        @Setting(value = "Agents on one connection", defaultValue = "10000", min = 1, max = 100_000)
        int maxAgentsPerConnection,

        @Setting(value = "Subscriptions of one agent", defaultValue = "100", min = 1, max = 100_000)
        int maxSubscriptionsPerAgent,

        @Setting(value = "Largest WebSocket message", defaultValue = "1MiB", min = 1024, max = 67_108_864)
        ByteSize maxFrame,

        @Setting(
                value = "Largest payload of a message, input or output of a task; at most three quarters of max-frame",
                defaultValue = "256KiB",
                min = 256,
                max = 33_554_432)
        ByteSize maxPayload,

        @Setting(
                value = "What may wait for one connection; beyond it bulk messages are dropped first",
                defaultValue = "1MiB",
                min = 4096,
                max = 1_073_741_824)
        ByteSize maxOutbound,

        @Setting(
                value =
                        "What may wait for an agent that grants credit and has none left; beyond it bulk messages are dropped first",
                defaultValue = "64KiB",
                min = 1024,
                max = 1_073_741_824)
        ByteSize maxWaitingPerAgent,

        @Setting(
                value = "How long a connection may stay at its outbound limit before it is closed",
                defaultValue = "10s",
                min = 100,
                max = 600_000)
        Duration slowConsumerTimeout,

        @Setting(
                value = "Interval of pings; a connection silent for three of them is closed",
                defaultValue = "15s",
                min = 100,
                max = 600_000)
        Duration heartbeat,

        @Setting(
                value = "How long a lost connection can be resumed; 0: not at all",
                defaultValue = "10s",
                min = 0,
                max = 600_000)
        Duration resumeGrace,

        @Setting(
                value = "Time for the first entry, Hello, after the connection opened",
                defaultValue = "10s",
                min = 100,
                max = 600_000)
        Duration helloTimeout) {}
