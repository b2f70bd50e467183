package io.signalbox.load.peer;

import io.signalbox.load.dialect.Dialects;
import io.signalbox.load.generator.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A server under load: Signalbox, something to compare it with, or a floor. Not thread-safe. */
public interface Peer extends AutoCloseable {
    /** For tables, with its version. */
    String name();

    Dialects dialect();

    /** Returns when it takes connections. */
    void start() throws IOException, InterruptedException;

    /** Where it listens; only after {@link #start}. */
    List<Layout.Node> nodes();

    /** The processes whose cost is the server's: not its stores, which messages do not touch. */
    List<Long> pids();

    /** Private key that signs the tokens it wants. */
    default Optional<Path> key() {
        return Optional.empty();
    }

    default boolean tls() {
        return false;
    }

    /** Ends it. */
    @Override
    void close();
}
