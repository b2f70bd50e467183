package io.signalbox.verticles.deadletter;

import com.google.protobuf.UnsafeByteOperations;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Dead letters in PostgreSQL, written in batches by unnest. Thread-safe. */
public final class PgDeadLetterStore implements DeadLetterStore {
    private static final String PUT = SqlFile.read(PgDeadLetterStore.class, "put-dead-letters.sql");
    private static final String FIND = SqlFile.read(PgDeadLetterStore.class, "find-dead-letter.sql");
    private static final String LIST = SqlFile.read(PgDeadLetterStore.class, "list-dead-letters.sql");
    private static final String OLDEST = SqlFile.read(PgDeadLetterStore.class, "oldest-dead-letters.sql");
    private static final String REMOVE = SqlFile.read(PgDeadLetterStore.class, "remove-dead-letters.sql");
    private static final String DROP = SqlFile.read(PgDeadLetterStore.class, "drop-dead-letter.sql");
    private static final String COUNT = SqlFile.read(PgDeadLetterStore.class, "count-dead-letters.sql");
    private static final String SWEEP = SqlFile.read(PgDeadLetterStore.class, "sweep-dead-letters.sql");

    private final PostgresStore postgres;

    public PgDeadLetterStore(PostgresStore postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Void> put(List<DeadLetter> letters) {
        return postgres.query(PUT, columns(letters)).mapEmpty();
    }

    private static Tuple columns(List<DeadLetter> letters) {
        return Tuple.tuple()
                .addValue(column(letters, letter -> text(letter.agent()), String[]::new))
                .addValue(column(letters, DeadLetter::id, UUID[]::new))
                .addValue(column(letters, letter -> letter.reason().number(), Integer[]::new))
                .addValue(column(letters, letter -> text(letter.detail()), String[]::new))
                .addValue(column(letters, DeadLetter::attempts, Integer[]::new))
                .addValue(column(letters, letter -> letter.diedAt().toEpochMilli(), Long[]::new))
                .addValue(column(letters, DeadLetter::position, Long[]::new))
                .addValue(column(letters, letter -> (short) letter.priority(), Short[]::new))
                .addValue(column(letters, letter -> text(letter.source()), String[]::new))
                .addValue(column(letters, letter -> text(letter.type()), String[]::new))
                .addValue(column(letters, DeadLetter::size, Integer[]::new))
                .addValue(
                        column(letters, letter -> Buffer.buffer(letter.message().toByteArray()), Buffer[]::new));
    }

    private static <V> V[] column(List<DeadLetter> letters, Function<DeadLetter, V> value, IntFunction<V[]> array) {
        return letters.stream().map(value).toArray(array);
    }

    /** PostgreSQL's text cannot hold NUL, and these texts come from clients. Sought as they are kept. */
    private static String text(String text) {
        return text.replace('\0', '\ufffd');
    }

    @Override
    public Future<Optional<DeadLetter>> find(String agent, UUID id) {
        return postgres.query(FIND, Tuple.of(text(agent), id))
                .map(rows -> letters(rows).stream().findFirst());
    }

    @Override
    public Future<List<DeadLetter>> list(Filter filter, Optional<PagePlace> below, int limit) {
        Tuple arguments = Tuple.tuple()
                .addValue(text(filter.agent()))
                .addValue(reason(filter))
                .addValue(below.map(place -> place.diedAt().toEpochMilli()).orElse(null))
                .addValue(below.map(PagePlace::id).orElse(null))
                .addValue(below.map(place -> text(place.agent())).orElse(null))
                .addValue(limit);
        return postgres.query(LIST, arguments).map(PgDeadLetterStore::letters);
    }

    @Override
    public Future<List<DeadLetter>> oldest(Filter filter, Instant until, int limit) {
        return postgres.query(OLDEST, Tuple.of(text(filter.agent()), reason(filter), until.toEpochMilli(), limit))
                .map(PgDeadLetterStore::letters);
    }

    private static int reason(Filter filter) {
        return filter.reason().map(Code::number).orElse(0);
    }

    private static List<DeadLetter> letters(RowSet<Row> rows) {
        List<DeadLetter> letters = new ArrayList<>(rows.size());
        rows.forEach(row -> letters.add(letter(row)));
        return letters;
    }

    private static DeadLetter letter(Row row) {
        return new DeadLetter(
                row.getString("agent"),
                row.getUUID("message_id"),
                Code.of(row.getInteger("reason_code")).orElseThrow(),
                row.getString("detail"),
                row.getInteger("attempts"),
                Instant.ofEpochMilli(row.getLong("died_at")),
                row.getLong("position"),
                row.getInteger("priority"),
                row.getString("source"),
                row.getString("type"),
                row.getInteger("size"),
                UnsafeByteOperations.unsafeWrap(row.getBuffer("message").getBytes()));
    }

    @Override
    public Future<Integer> remove(List<DeadLetter> letters) {
        Tuple arguments = Tuple.tuple()
                .addValue(column(letters, letter -> text(letter.agent()), String[]::new))
                .addValue(column(letters, DeadLetter::id, UUID[]::new))
                .addValue(column(letters, letter -> letter.diedAt().toEpochMilli(), Long[]::new));
        return postgres.query(REMOVE, arguments).map(SqlResult::rowCount);
    }

    @Override
    public Future<Boolean> drop(String agent, UUID id) {
        return postgres.query(DROP, Tuple.of(text(agent), id)).map(rows -> rows.rowCount() > 0);
    }

    @Override
    public Future<Long> count(String agent) {
        return postgres.query(COUNT, Tuple.of(text(agent)))
                .map(rows -> rows.iterator().next().getLong("letters"));
    }

    @Override
    public Future<Integer> sweep(Instant before, int limit) {
        return postgres.query(SWEEP, Tuple.of(before.toEpochMilli(), limit)).map(SqlResult::rowCount);
    }
}
