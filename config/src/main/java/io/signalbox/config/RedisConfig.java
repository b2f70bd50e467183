package io.signalbox.config;

import java.time.Duration;
import java.util.List;

/** Where mailboxes, presence and locks are kept. Immutable, thread-safe. */
public record RedisConfig(
        @Setting(
                "redis://host:port of an outside server; in mode sentinel those of the sentinels, in mode cluster of some"
                        + " of its nodes. Empty: an embedded server is started")
        List<String> url,

        @Setting(
                value =
                        "What is at the url. A cluster should have cluster-require-full-coverage off, else the loss of one"
                                + " primary stops all of them until it is replaced",
                defaultValue = "standalone")
        RedisMode mode,

        @Setting("Name by which the sentinels know the primary")
        String sentinelMaster,

        @Setting("Password of the outside servers") Secret password,

        @Setting("Password of the sentinels; empty: they want none")
        Secret sentinelPassword,

        @Setting(
                value =
                        "Held connections to each server, besides one that waits for replicas; fewer where a cluster would"
                                + " make it more than 100 in all. Commands with the same key share one",
                defaultValue = "2",
                min = 1,
                max = 99)
        int connections,

        @Setting(value = "Longest time for one command", defaultValue = "2s", min = 50, max = 600_000)
        Duration timeout) {
    public RedisConfig {
        url = List.copyOf(url);
    }
}
