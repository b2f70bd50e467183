package io.signalbox.verticles.postgres;

import io.signalbox.config.PostgresConfig;
import io.signalbox.config.Secret;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;

/** A real PostgreSQL of the test's own, with the schema of this version. */
public final class TestDatabase implements AutoCloseable {
    private final EmbeddedPostgres server;
    private final Vertx vertx = Vertx.vertx();
    private final PostgresStore store;

    private TestDatabase(EmbeddedPostgres server) {
        this.server = server;
        this.store = PostgresStore.open(
                vertx,
                new PostgresConfig(
                        "postgresql://127.0.0.1:" + server.getPort() + "/postgres",
                        "postgres",
                        new Secret(""),
                        4,
                        Duration.ofSeconds(20)));
    }

    public static TestDatabase start() throws IOException {
        TestDatabase database = new TestDatabase(EmbeddedPostgres.builder().start());
        database.store.migrate().await();
        return database;
    }

    public PostgresStore store() {
        return store;
    }

    @Override
    public void close() throws IOException {
        store.close().await();
        vertx.close().await();
        server.close();
    }
}
