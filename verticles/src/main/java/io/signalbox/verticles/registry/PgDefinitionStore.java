package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** Definitions in PostgreSQL. Thread-safe. */
public final class PgDefinitionStore implements DefinitionStore {
    private static final String LOCK = SqlFile.read(PgDefinitionStore.class, "lock-skills.sql");
    private static final String PUBLISH = SqlFile.read(PgDefinitionStore.class, "publish-definition.sql");
    private static final String FIND = SqlFile.read(PgDefinitionStore.class, "find-definition.sql");
    private static final String LOAD = SqlFile.read(PgDefinitionStore.class, "load-definitions.sql");

    private final PostgresStore postgres;

    public PgDefinitionStore(PostgresStore postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<List<Outcome>> publishAll(List<Publication> publications) {
        List<Outcome> outcomes = new ArrayList<>();
        return postgres.inTransaction(client -> client.query(LOCK)
                        .execute()
                        .compose(locked -> publish(client, publications.iterator(), outcomes)))
                .map(outcomes)
                .recover(cause -> isRefused(outcomes) ? Future.succeededFuture(outcomes) : Future.failedFuture(cause));
    }

    /** One after the other: a later one may declare a skill of an earlier one. The first refusal undoes them all. */
    private static Future<Void> publish(SqlClient client, Iterator<Publication> rest, List<Outcome> outcomes) {
        if (!rest.hasNext()) {
            return Future.succeededFuture();
        }
        Publication next = rest.next();
        Stored definition =
                next.definition().publishedAt(next.definition().publishedAt().truncatedTo(ChronoUnit.MICROS));
        return client.preparedQuery(PUBLISH)
                .execute(arguments(definition, next.skills()))
                .compose(rows -> outcome(client, definition, rows.iterator().next()))
                .compose(outcome -> {
                    outcomes.add(outcome);
                    return isRefused(outcomes)
                            ? Future.failedFuture(new ServiceException(Code.CONFLICT, "a definition is refused"))
                            : publish(client, rest, outcomes);
                });
    }

    private static boolean isRefused(List<Outcome> outcomes) {
        return !outcomes.isEmpty() && !(outcomes.getLast() instanceof Outcome.Published);
    }

    private static Tuple arguments(Stored definition, List<SkillSchema> skills) {
        return Tuple.from(List.of(
                definition.name(),
                definition.version(),
                definition.contentHash(),
                definition.document(),
                definition.publisher(),
                definition.publishedAt().atOffset(ZoneOffset.UTC),
                column(skills, SkillSchema::name),
                column(skills, SkillSchema::version),
                column(skills, SkillSchema::schemaHash)));
    }

    private static String[] column(List<SkillSchema> skills, Function<SkillSchema, String> value) {
        return skills.stream().map(value).toArray(String[]::new);
    }

    private static Future<Outcome> outcome(SqlClient client, Stored definition, Row row) {
        if (row.getString("skill") != null) {
            return Future.succeededFuture(
                    new Outcome.OtherSchema(row.getString("skill"), row.getString("skill_version")));
        }
        if (row.getBoolean("created")) {
            return Future.succeededFuture(new Outcome.Published(definition, true));
        }
        return client.preparedQuery(FIND)
                .execute(Tuple.of(definition.name(), definition.version()))
                .map(rows -> compare(definition, stored(rows.iterator().next())));
    }

    private static Outcome compare(Stored wanted, Stored there) {
        return there.contentHash().equals(wanted.contentHash())
                ? new Outcome.Published(there, false)
                : new Outcome.OtherContent();
    }

    @Override
    public Future<List<Stored>> load() {
        return postgres.query(LOAD, Tuple.tuple()).map(rows -> {
            List<Stored> all = new ArrayList<>(rows.size());
            rows.forEach(row -> all.add(stored(row)));
            return all;
        });
    }

    private static Stored stored(Row row) {
        return new Stored(
                row.getString("name"),
                row.getString("version"),
                row.getString("content_hash"),
                row.getString("document"),
                row.getString("publisher"),
                row.getOffsetDateTime("published_at").toInstant());
    }
}
