package io.signalbox.node;

import io.signalbox.config.ConfigException;
import io.signalbox.config.ConfigProblem;
import io.signalbox.config.GatewayConfig;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the gateway takes: as configured, else what the machine's limits allow. Immutable.
 *
 * @param connections at once
 * @param connectionsReason which limit decides, for the log
 * @param connectsPerSecond connections let in
 */
record GatewayLimits(int connections, String connectionsReason, int connectsPerSecond) {
    /** Files that are not clients' sockets: jars, logs, listeners, stores' connections and pipes. */
    static final int RESERVED_FILES = 512;

    /**
     * A connection with an agent at work: sessions, queues, its part of registry and allocation (about 12 KiB when idle),
     * and what is allocated for its messages until it is collected.
     */
    static final int HEAP_PER_CONNECTION = 32 << 10;

    /** The TLS engine and its keys, about 14 KiB when idle, and a record on its way. */
    static final int HEAP_PER_TLS_CONNECTION = 32 << 10;

    /** One frame on its way; what waits for slow readers beyond it is on the heap. */
    static final int DIRECT_PER_CONNECTION = 16 << 10;

    /** A connect costs about 0.6 ms with its token, session and agent: some of each core is left to the connected. */
    static final int CONNECTS_PER_CORE = 1000;

    private record Limit(long connections, String reason) {}

    /** @throws ConfigException when more is configured than the process may have files open */
    static GatewayLimits of(GatewayConfig config, MachineLimits machine) {
        Limit limit = config.maxConnections().isPresent()
                ? configured(config.maxConnections().getAsInt(), machine)
                : allowed(machine, config.tlsCertificateFile().isPresent());
        return new GatewayLimits(
                Math.clamp(limit.connections(), 1, Integer.MAX_VALUE),
                limit.reason(),
                config.maxConnectsPerSecond().orElse(Math.multiplyExact(machine.cores(), CONNECTS_PER_CORE)));
    }

    private static Limit configured(int connections, MachineLimits machine) {
        long most = machine.openFiles() - RESERVED_FILES;
        if (machine.openFiles() >= 0 && connections > most) {
            throw new ConfigException(List.of(new ConfigProblem(
                    "gateway.max-connections",
                    "with the limit of open files",
                    Integer.toString(connections),
                    "expected at most %d, for the process may have %d files open and needs %d for itself; raise it (ulimit -n)"
                            .formatted(Math.max(0, most), machine.openFiles(), RESERVED_FILES))));
        }
        return new Limit(connections, "configured");
    }

    private static Limit allowed(MachineLimits machine, boolean tls) {
        int heap = tls ? HEAP_PER_CONNECTION + HEAP_PER_TLS_CONNECTION : HEAP_PER_CONNECTION;
        Stream<Limit> memory = Stream.of(
                memory("heap", machine.heapBytes(), heap),
                memory("direct memory", machine.directBytes(), DIRECT_PER_CONNECTION));
        Stream<Limit> files = machine.openFiles() < 0
                ? Stream.empty()
                : Stream.of(new Limit(
                        machine.openFiles() - RESERVED_FILES,
                        "open files %d - %d".formatted(machine.openFiles(), RESERVED_FILES)));
        return Stream.concat(files, memory)
                .min(Comparator.comparingLong(Limit::connections))
                .orElseThrow();
    }

    private static Limit memory(String name, long bytes, int perConnection) {
        return new Limit(bytes / perConnection, "%s %d MiB / %d KiB".formatted(name, bytes >> 20, perConnection >> 10));
    }

    @Override
    public String toString() {
        return "%d connections (%s), %d connects a second".formatted(connections, connectionsReason, connectsPerSecond);
    }
}
