package io.signalbox.verticles.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a transaction's writes conditional on shards being under their epochs still. They are held until it ends: whoever
 * takes one over waits for it, so the new owner reads everything that the old one has written, and after that the old one
 * can write no more. Immutable, thread-safe.
 *
 * @param kind of work
 * @param epochs by number of the shards that are written to; as they were when it was decided what to write
 */
public record ShardFence(String kind, Map<Integer, Integer> epochs) {
    private static final String HOLD = SqlFile.read(ShardFence.class, "hold-shards.sql");

    public ShardFence {
        epochs = Map.copyOf(epochs);
    }

    /** First in the transaction. Fails with {@link StoreException.Kind#FENCED}, and so does everything after it. */
    public Future<Void> hold(SqlClient transaction) {
        Map<Integer, Integer> sorted = new TreeMap<>(epochs);
        return transaction
                .preparedQuery(HOLD)
                .execute(Tuple.of(
                        kind,
                        sorted.keySet().toArray(Integer[]::new),
                        sorted.values().toArray(Integer[]::new)))
                .recover(cause -> Future.failedFuture(StoreException.of(cause)))
                .mapEmpty();
    }
}
