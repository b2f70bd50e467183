package io.signalbox.verticles.membership;

import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On a real PostgreSQL. */
class PgNodeStoreTest extends NodeStoreContractTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
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
    NodeStore store() {
        return new PgNodeStore(database.store());
    }

    @Override
    NodeStore away() {
        return new PgNodeStore(database.away());
    }

    @Override
    Vertx vertx() {
        return database.vertx();
    }

    private static Row row(String id) {
        return get(database.store().query("SELECT * FROM nodes WHERE id = $1", Tuple.of(id)))
                .iterator()
                .next();
    }

    @Test
    void shouldKeepOneRowOfANodeWithItsLastStart() {
        get(store().claim("moved", "edge", 5, NOW));
        int incarnation = get(store().claim("moved", "primary", 7, NOW.plusSeconds(3)));

        assertThat(row("moved").getString("kind")).isEqualTo("primary");
        assertThat(row("moved").getInteger("capacity")).isEqualTo(7);
        assertThat(row("moved").getInteger("incarnation")).isEqualTo(incarnation);
        assertThat(row("moved").getOffsetDateTime("claimed_at"))
                .isEqualTo(NOW.plusSeconds(3).atOffset(ZoneOffset.UTC));
    }

    /** A generation has 31 bits for it; a wrapped one would make old tokens young. */
    @Test
    void shouldFailRatherThanStartOverWhenTheNumbersAreUsedUp() {
        int next = get(store().claim("last", "primary", 1, NOW)) + 1;
        get(database.store().query("SELECT setval('node_incarnation', 2147483647)", Tuple.tuple()));
        try {
            assertThat(failure(store().claim("beyond", "primary", 1, NOW)))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FAULT));
        } finally {
            get(database.store().query("SELECT setval('node_incarnation', $1)", Tuple.of((long) next)));
        }
    }
}
