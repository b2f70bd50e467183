package io.signalbox.verticles.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What every {@link NodeStore} keeps to, on a real PostgreSQL. */
class PgNodeStoreTest {
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

    @Test
    void shouldGiveEveryStartAGreaterIncarnation() throws Exception {
        NodeStore store = new PgNodeStore(database.store());

        int first = store.claim("n1", "primary", 100, NOW).await(20, TimeUnit.SECONDS);
        int other = store.claim("n2", "edge", 5, NOW).await(20, TimeUnit.SECONDS);
        int again = store.claim("n1", "primary", 100, NOW).await(20, TimeUnit.SECONDS);

        assertThat(List.of(first, other, again)).isSorted().doesNotHaveDuplicates();
        assertThat(first).isPositive();
    }

    @Test
    void shouldGiveDifferentOnesToStartsAtTheSameTime() throws Exception {
        NodeStore store = new PgNodeStore(database.store());
        List<Future<Integer>> claims = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            claims.add(store.claim("together-" + i % 2, "secondary", 1, NOW));
        }

        List<Integer> incarnations = new ArrayList<>();
        for (Future<Integer> claim : claims) {
            incarnations.add(claim.await(20, TimeUnit.SECONDS));
        }

        assertThat(incarnations).doesNotHaveDuplicates();
    }
}
