package io.signalbox.verticles.postgres;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.config.PostgresConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.flywaydb.core.Flyway;

/**
 * The connections to PostgreSQL. Every call has a time limit (a pool can wait for ever, vertx-sql-client issue 1232) and
 * fails with {@link StoreException} alone. Thread-safe.
 */
public final class PostgresStore {
    /** The server gives up on a statement before the client does, so that an answer is the rule. */
    private static final Duration SERVER_MARGIN = Duration.ofMillis(500);

    /** A node that hangs within a transaction holds what it has locked no longer than this. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private static final int MAX_WAITING = 1024;

    private final Vertx vertx;
    private final PostgresConfig config;
    private final Pool pool;

    private PostgresStore(Vertx vertx, PostgresConfig config, Pool pool) {
        this.vertx = vertx;
        this.config = config;
        this.pool = pool;
    }

    /** Connects when first needed. */
    public static PostgresStore open(Vertx vertx, PostgresConfig config) {
        PgConnectOptions connect = PgConnectOptions.fromUri(config.url())
                .setUser(config.user())
                .setPassword(config.password().reveal())
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(64)
                .setProperties(Map.of(
                        "application_name",
                        "signalbox",
                        "idle_in_transaction_session_timeout",
                        Long.toString(LONGEST_PAUSE.toMillis()),
                        "statement_timeout",
                        Long.toString(Math.max(
                                50, config.timeout().minus(SERVER_MARGIN).toMillis()))));
        connect.setReconnectAttempts(0);
        PoolOptions options = new PoolOptions()
                .setMaxSize(config.poolSize())
                .setMaxWaitQueueSize(MAX_WAITING)
                .setConnectionTimeout((int) config.timeout().toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS);
        // When the network swallows everything, what was sent into it and connections half made would keep
        // their places in the pool for minutes, also after it has healed.
        int timeout = (int) config.timeout().toMillis();
        NetClientOptions network = new NetClientOptions().setConnectTimeout(timeout);
        network.setTcpUserTimeout(timeout);
        Pool pool = PgBuilder.pool()
                .with(options)
                .with(network)
                .connectingTo(connect)
                .using(vertx)
                .build();
        return new PostgresStore(vertx, config, pool);
    }

    /** Brings the schema to this version's state. Fails when it is of a newer one. */
    public Future<Void> migrate() {
        return vertx.executeBlocking(() -> Flyway.configure(getClass().getClassLoader())
                        .dataSource(
                                "jdbc:" + config.url(),
                                config.user(),
                                config.password().reveal())
                        .locations("classpath:db/migration")
                        .validateMigrationNaming(true)
                        .load()
                        .migrate())
                .mapEmpty();
    }

    /**
     * The server's clock, in milliseconds since 1970, as it was when this was called; from then on it goes with this process.
     * All nodes have it alike, whatever their own clocks say.
     *
     * @param nanoClock never goes back, such as {@code System::nanoTime}
     */
    public Future<LongSupplier> clock(LongSupplier nanoClock) {
        return query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS millis", Tuple.tuple())
                .map(rows -> {
                    long asked = nanoClock.getAsLong();
                    long millis = rows.iterator().next().getLong("millis");
                    return () -> millis + TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - asked);
                });
    }

    /** One statement, committed when the future succeeds. */
    public Future<RowSet<Row>> query(String sql, Tuple arguments) {
        return limited(pool.preparedQuery(sql).execute(arguments));
    }

    /** Several statements, committed together when the future succeeds, none of them when {@code work} fails. */
    public <T> Future<T> inTransaction(Function<SqlClient, Future<T>> work) {
        Function<SqlConnection, Future<T>> onConnection = connection -> work.apply(connection);
        return limited(pool.withTransaction(onConnection));
    }

    private <T> Future<T> limited(Future<T> work) {
        return work.timeout(config.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(translated(cause)));
    }

    /** A service's own refusal from inside a transaction goes through as it is. */
    private static Throwable translated(Throwable cause) {
        return cause instanceof ServiceException ? cause : StoreException.of(cause);
    }

    public Future<Void> close() {
        return pool.close();
    }
}
