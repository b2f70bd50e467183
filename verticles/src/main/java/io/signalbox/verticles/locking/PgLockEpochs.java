package io.signalbox.verticles.locking;

import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;

/** Epochs in PostgreSQL. Thread-safe. */
public final class PgLockEpochs implements LockEpochs {
    private static final String NEXT = SqlFile.read(PgLockEpochs.class, "next-epoch.sql");

    private final PostgresStore postgres;

    public PgLockEpochs(PostgresStore postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Integer> next() {
        return postgres.query(NEXT, Tuple.tuple())
                .map(rows -> rows.iterator().next().getInteger("epoch"));
    }
}
