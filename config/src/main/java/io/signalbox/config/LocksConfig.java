package io.signalbox.config;

import java.time.Duration;

/** Locks and what agents coordinate by. The bounds are of the whole cluster; give all nodes the same. Immutable, thread-safe. */
public record LocksConfig(
        @Setting(
                value = "How long a lock is held without a renewal, unless its holder wanted another time",
                defaultValue = "10s",
                min = 100,
                max = 3_600_000)
        Duration lease,

        @Setting(
                value = "The longest lease that an agent may want; shorter ones end sooner when an agent dies",
                defaultValue = "5m",
                min = 100,
                max = 86_400_000)
        Duration maxLease,

        @Setting(
                value = "The longest time that an agent waits for a lock before it has to ask again, and queue anew",
                defaultValue = "1h",
                min = 100,
                max = 86_400_000)
        Duration maxWait,

        @Setting(
                value = "So much longer than one of the next higher priority has somebody to wait to be before it",
                defaultValue = "10s",
                min = 0,
                max = 3_600_000)
        Duration ageing,

        @Setting(
                value = "Agents that may hold one lock together, shared or by permits; more wait",
                defaultValue = "1000",
                min = 1,
                max = 100_000)
        int maxHolders,

        @Setting(
                value = "Agents that may wait for one lock; more are refused",
                defaultValue = "10000",
                min = 1,
                max = 1_000_000)
        int maxWaiters,

        @Setting(
                value =
                        "Locks that may be held or waited for at once, spread over 16 shards by their names; a shard that has"
                                + " its share refuses more",
                defaultValue = "100000",
                min = 16,
                max = 10_000_000)
        int maxLocks,

        @Setting(
                value = "Documents and barriers that may be, removed ones included; more are refused",
                defaultValue = "100000",
                min = 1,
                max = 10_000_000)
        int maxDocuments,

        @Setting(value = "Bytes of a document", defaultValue = "64KiB", min = 1, max = 1_048_576)
        ByteSize maxDocumentSize) {}
