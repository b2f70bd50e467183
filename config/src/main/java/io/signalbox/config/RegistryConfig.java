package io.signalbox.config;

import java.time.Duration;

/** How long the registry remembers. Immutable, thread-safe. */
public record RegistryConfig(
        @Setting(
                value = "How long an agent's presence stays in Redis after the last refresh",
                defaultValue = "60s",
                min = 1000,
                max = 3_600_000)
        Duration presenceTimeToLive) {}
