package io.signalbox.config;

/** How much is retained. The bounds are of the whole cluster; give all nodes the same. Immutable, thread-safe. */
public record RetainedConfig(
        @Setting(
                value = "Retained messages of the whole cluster, one for an address; more are refused",
                defaultValue = "100000",
                min = 1,
                max = 100_000_000)
        int maxMessages,

        @Setting(
                value = "Bytes of all retained messages and their addresses; more are refused",
                defaultValue = "64MiB",
                min = 1024,
                max = 1_099_511_627_776L)
        ByteSize maxBytes) {}
