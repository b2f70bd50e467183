package io.signalbox.bus.redis;

import io.vertx.core.Future;

/** The primaries of a link, and which of them gets a command. Confined to the link's event loop, but for {@link #isUp}. */
interface Primaries {
    /** Completes after the first trial to connect; never fails. */
    Future<Void> start();

    /** Goes out with the next {@link #flush}. */
    void send(PendingCommand command);

    void flush();

    /** An eighth of the longest time for one command has passed. */
    void tick();

    /** Whether all of them take commands. Thread-safe. */
    boolean isUp();

    void close();
}
