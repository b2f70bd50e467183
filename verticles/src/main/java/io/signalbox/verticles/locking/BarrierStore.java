package io.signalbox.verticles.locking;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/** Barriers and who is there. A failed future carries a {@code StoreException}. Thread-safe. */
public interface BarrierStore {
    /**
     * @param party of its own for each phase
     * @param needed so many end the phase
     */
    record Arrival(String barrier, String party, String agent, long generation, int needed, Duration lease) {}

    /** @param arrived how many were there */
    record Party(String party, String agent, long generation, long phase, boolean passed, int arrived) {}

    /** The party itself, first, and all others that passed by its arrival; empty: there are as many barriers as may be. */
    Future<List<Party>> arrive(Arrival arrival);

    Future<Void> leave(String barrier, String party, String agent);
}
