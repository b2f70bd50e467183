package io.signalbox.config;

import java.time.Duration;

/** Where truth is kept. Immutable, thread-safe. */
public record PostgresConfig(
        @Setting("postgresql://host:port/database of an outside server; empty: an embedded one is started")
        String url,

        @Setting("User of the outside server") String user,
        @Setting("Password of the outside server") Secret password,

        @Setting(value = "Connections", defaultValue = "4", min = 1, max = 100)
        int poolSize,

        @Setting(value = "Longest time for one statement", defaultValue = "5s", min = 100, max = 600_000)
        Duration timeout) {}
