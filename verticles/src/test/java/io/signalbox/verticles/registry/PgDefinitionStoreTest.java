package io.signalbox.verticles.registry;

import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Vertx;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On a real PostgreSQL. */
class PgDefinitionStoreTest extends DefinitionStoreContractTest {
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
    DefinitionStore store() {
        return new PgDefinitionStore(database.store());
    }

    @Override
    DefinitionStore away() {
        return new PgDefinitionStore(database.away());
    }

    @Override
    Vertx vertx() {
        return database.vertx();
    }
}
