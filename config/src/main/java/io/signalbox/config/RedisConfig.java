package io.signalbox.config;

import java.time.Duration;

/** Where mailboxes, presence and locks are kept. Immutable, thread-safe. */
public record RedisConfig(
        @Setting("redis://host:port of an outside server; empty: an embedded one is started")
        String url,

        @Setting("Password of the outside server") Secret password,

        @Setting(value = "Longest time for one command", defaultValue = "2s", min = 50, max = 600_000)
        Duration timeout) {}
