package io.signalbox.config;

import java.time.Duration;

/** What the registry remembers, and how it can be searched. Immutable, thread-safe. */
public record RegistryConfig(
        @Setting(
                value = "How long an agent's presence stays in Redis after the last refresh",
                defaultValue = "60s",
                min = 1000,
                max = 3_600_000)
        Duration presenceTimeToLive,

        @Setting(
                value =
                        "Whether agents and definitions can be searched by meaning; a model then takes some 120 MiB of memory",
                defaultValue = "false")
        boolean searchByMeaning) {}
