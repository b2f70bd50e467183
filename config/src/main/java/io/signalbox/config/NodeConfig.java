package io.signalbox.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/** What one node is. Immutable, thread-safe. */
public record NodeConfig(
        @Setting(
                value = "Name of the node, unique in its cluster: letters, digits, dot and dash",
                defaultValue = "node-1")
        String id,

        @Setting(value = "Kind of the node", defaultValue = "primary", environment = "NODE_TYPE")
        NodeKind kind,

        @Setting(
                value = "How many agents the node takes; empty: cores x 1000 + GiB of memory x 500",
                environment = "AGENT_CAPACITY",
                min = 1,
                max = 1_000_000)
        OptionalInt capacity,

        @Setting(
                value = "Threads that carry connections and services; empty: one for each processor. Fewer where others"
                        + " need the processors too: messages between agents of one event loop are cheaper",
                min = 1,
                max = 256)
        OptionalInt eventLoops,

        @Setting(value = "Where the embedded stores and the node's own files live", defaultValue = "data")
        Path dataDirectory,

        @Setting(
                value = "How long a stopping node waits for requests under way and for clients to leave before it cuts"
                        + " them; tasks stay with their agents",
                defaultValue = "10s",
                min = 0,
                max = 600_000)
        Duration drainTimeout) {}
