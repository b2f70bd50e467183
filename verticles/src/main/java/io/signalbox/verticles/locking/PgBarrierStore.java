package io.signalbox.verticles.locking;

import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Barriers in PostgreSQL: that one was passed must not be forgotten before all parties know. Thread-safe. */
public final class PgBarrierStore implements BarrierStore {
    private static final String ARRIVE = SqlFile.read(PgBarrierStore.class, "arrive-at-barrier.sql");
    private static final String LEAVE = SqlFile.read(PgBarrierStore.class, "leave-barrier.sql");

    /** So long a party may be out of touch and still hear that it has passed. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private final PostgresStore postgres;
    private final int maxBarriers;

    public PgBarrierStore(PostgresStore postgres, int maxBarriers) {
        this.postgres = postgres;
        this.maxBarriers = maxBarriers;
    }

    @Override
    public Future<List<Party>> arrive(Arrival arrival) {
        Tuple arguments = Tuple.tuple()
                .addValue(arrival.barrier())
                .addValue(arrival.party())
                .addValue(arrival.agent())
                .addValue(arrival.generation())
                .addValue(arrival.needed())
                .addValue(arrival.lease().toMillis())
                .addValue(KEPT.toMillis())
                .addValue((long) maxBarriers);
        return postgres.query(ARRIVE, arguments).map(rows -> {
            List<Party> parties = new ArrayList<>(rows.size());
            rows.forEach(row -> parties.add(new Party(
                    row.getString("party"),
                    row.getString("agent"),
                    row.getLong("generation"),
                    row.getLong("phase"),
                    row.getBoolean("passed"),
                    row.getInteger("arrived"))));
            return parties;
        });
    }

    @Override
    public Future<Void> leave(String barrier, String party, String agent) {
        return postgres.query(LEAVE, Tuple.of(barrier, party, agent)).mapEmpty();
    }
}
