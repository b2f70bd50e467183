package io.signalbox.verticles.registry;

import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Vertx;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real PostgreSQL. */
class PgDirectiveStoreTest extends DirectiveStoreContractTest {
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
    DirectiveStore store() {
        return new PgDirectiveStore(database.store());
    }

    @Override
    DirectiveStore away() {
        return new PgDirectiveStore(database.away());
    }

    @Override
    Vertx vertx() {
        return database.vertx();
    }
}
