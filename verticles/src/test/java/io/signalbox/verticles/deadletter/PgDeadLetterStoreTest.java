package io.signalbox.verticles.deadletter;

import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Vertx;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real PostgreSQL. */
class PgDeadLetterStoreTest extends DeadLetterStoreContractTest {
    private static TestDatabase database;

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    @Override
    DeadLetterStore store() {
        return new PgDeadLetterStore(database.store());
    }

    @Override
    DeadLetterStore away() {
        return new PgDeadLetterStore(database.away());
    }

    @Override
    Vertx vertx() {
        return database.vertx();
    }
}
