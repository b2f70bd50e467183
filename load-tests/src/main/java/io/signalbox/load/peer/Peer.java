package io.signalbox.load.peer;

import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.generator.Layout;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A server under load: Signalbox, something to compare it with, or a floor. Not thread-safe. */
public interface Peer extends AutoCloseable {
    /** For tables, with its version. */
    String name();

    Dialects dialect();

    /** Returns when it takes connections. */
    void start() throws IOException, InterruptedException;

    /** Where it listens; only after {@link #start}. */
    List<Layout.Node> nodes();

    /** The processes whose cost is the server's: not its stores, which live messages do not touch. */
    List<Long> pids();

    /** Those of the store that durable messages are kept in, if it is not the server itself. */
    default List<Long> storePids() {
        return List.of();
    }

    /** Ends the first node with SIGKILL and starts it again at the same address; returns when it takes connections. */
    Duration killAndStart() throws IOException, InterruptedException;

    /** Where it tells what it dropped and closed, as Prometheus reads it; none: it does not tell. */
    default List<URI> metrics() {
        return List.of();
    }

    /** What may wait for one connection that does not read, in bytes; 0: not known. */
    default long outboundBound() {
        return 0;
    }

    /** Whether it is what is tested here, and not what it is compared with. */
    default boolean isSubject() {
        return false;
    }

    /** How many connections it is loaded over, whatever was asked for; empty: as many. */
    default OptionalInt connections() {
        return OptionalInt.empty();
    }

    /** Private key that signs the tokens it wants; of Redis, its configuration with the password. */
    default Optional<Path> key() {
        return Optional.empty();
    }

    default boolean tls() {
        return false;
    }

    /** Of its own, if it speaks TLS. */
    default Optional<Path> certificate() {
        return Optional.empty();
    }

    /** Ends it. */
    @Override
    void close();
}
