package io.signalbox.load.generator;

import java.util.Optional;

/** Failures that no repetition heals, in words that say what to do. */
final class Hopeless {
    private Hopeless() {}

    /** @param reason why a connection could not be opened, as the system says it; empty: it may pass */
    static Optional<String> because(String reason) {
        if (reason.contains("Too many open files")) {
            return Optional.of("too many open files in one generator process: raise the limit (ulimit -n) or take fewer"
                    + " connections (--agents, --agents-per-connection)");
        }
        if (reason.contains("Cannot assign requested address")) {
            return Optional.of("no free port is left between a loopback address and the server: widen"
                    + " net.ipv4.ip_local_port_range, or wait a minute until closed connections are forgotten");
        }
        return Optional.empty();
    }
}
