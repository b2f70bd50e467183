package io.signalbox.verticles.postgres;

import io.signalbox.config.PostgresConfig;
import io.signalbox.config.Secret;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;

/** A real PostgreSQL of the test's own, with the schema of this version. */
public final class TestDatabase implements AutoCloseable {
    private final EmbeddedPostgres server;
    private final Vertx vertx = Vertx.vertx();
    private final PostgresStore store;
    private final PostgresStore away;
    private final PostgresStore impatient;

    private TestDatabase(EmbeddedPostgres server) throws IOException {
        this.server = server;
        this.store = open(server.getPort(), Duration.ofSeconds(20));
        this.away = open(freePort(), Duration.ofSeconds(20));
        this.impatient = open(server.getPort(), Duration.ofMillis(600));
    }

    private PostgresStore open(int port, Duration timeout) {
        return PostgresStore.open(
                vertx,
                new PostgresConfig(
                        "postgresql://127.0.0.1:" + port + "/postgres", "postgres", new Secret(""), 4, timeout));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    public static TestDatabase start() throws IOException {
        TestDatabase database = new TestDatabase(EmbeddedPostgres.builder().start());
        database.store.migrate().await();
        return database;
    }

    public PostgresStore store() {
        return store;
    }

    /** Of a server that nobody started. */
    public PostgresStore away() {
        return away;
    }

    /** Of the same server, and soon at the end of its time. */
    public PostgresStore impatient() {
        return impatient;
    }

    public Vertx vertx() {
        return vertx;
    }

    @Override
    public void close() throws IOException {
        store.close().await();
        away.close().await();
        impatient.close().await();
        vertx.close().await();
        server.close();
    }
}
