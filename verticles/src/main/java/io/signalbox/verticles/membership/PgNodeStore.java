package io.signalbox.verticles.membership;

import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;

/** Nodes in PostgreSQL. Thread-safe. */
public final class PgNodeStore implements NodeStore {
    private static final String CLAIM = SqlFile.read(PgNodeStore.class, "claim.sql");

    private final PostgresStore postgres;

    public PgNodeStore(PostgresStore postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Integer> claim(String id, String kind, int capacity, Instant now) {
        return postgres.query(CLAIM, Tuple.of(id, kind, capacity, now.atOffset(ZoneOffset.UTC)))
                .map(rows -> rows.iterator().next().getInteger("incarnation"));
    }
}
