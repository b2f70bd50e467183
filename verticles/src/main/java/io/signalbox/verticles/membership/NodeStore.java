package io.signalbox.verticles.membership;

import io.vertx.core.Future;
import java.time.Instant;

/** Who the nodes are. Thread-safe. A failed future carries a {@code StoreException}. */
public interface NodeStore {
    /**
     * Registers a start of the node.
     *
     * @param kind {@code primary}, {@code secondary} or {@code edge}
     * @return its incarnation: a positive 31-bit number, greater than that of every earlier start of any node
     */
    Future<Integer> claim(String id, String kind, int capacity, Instant now);
}
