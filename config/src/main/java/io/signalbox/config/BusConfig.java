package io.signalbox.config;

import java.time.Duration;

/** Limits of the message bus and of its services. Immutable, thread-safe. */
public record BusConfig(
        @Setting(
                value = "Messages that may wait between two event loops or for one service",
                defaultValue = "65536",
                min = 16,
                max = 16_777_216)
        int maxQueued,

        @Setting(value = "How long a service may take to answer", defaultValue = "10s", min = 100, max = 600_000)
        Duration requestTimeout) {}
