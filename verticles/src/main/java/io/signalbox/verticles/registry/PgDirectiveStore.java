package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.signalbox.verticles.registry.Directive.Revocation;
import io.signalbox.verticles.registry.Directive.Verb;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Directives in PostgreSQL. Thread-safe. */
public final class PgDirectiveStore implements DirectiveStore {
    private static final String ISSUE = SqlFile.read(PgDirectiveStore.class, "issue-directive.sql");
    private static final String REVOKE = SqlFile.read(PgDirectiveStore.class, "revoke-directive.sql");
    private static final String FIND = SqlFile.read(PgDirectiveStore.class, "find-directive.sql");
    private static final String LIST = SqlFile.read(PgDirectiveStore.class, "list-directives.sql");
    private static final String LOAD = SqlFile.read(PgDirectiveStore.class, "load-directives.sql");

    private final PostgresStore postgres;

    public PgDirectiveStore(PostgresStore postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Directive> issue(Directive directive) {
        return postgres.query(ISSUE, arguments(directive))
                .map(rows -> directive.storedAs(rows.iterator().next().getLong("revision")));
    }

    private static Tuple arguments(Directive directive) {
        AgentSelector selector = directive.selector();
        List<Map.Entry<String, String>> tags = List.copyOf(selector.getTagsMap().entrySet());
        return Tuple.tuple()
                .addValue(directive.id())
                .addValue(directive.verb().name())
                .addValue(selector.getAll())
                .addValue(selector.getIdsList().toArray(String[]::new))
                .addValue(selector.getType())
                .addValue(selector.getVersionRange())
                .addValue(tags.stream().map(Map.Entry::getKey).toArray(String[]::new))
                .addValue(tags.stream().map(Map.Entry::getValue).toArray(String[]::new))
                .addValue(selector.getNode())
                .addValue(selector.getSkill())
                .addValue(selector.getSkillRange())
                .addValue(directive.messagesPerSecond())
                .addValue(directive.reason())
                .addValue(directive.by())
                .addValue(directive.at().toEpochMilli())
                .addValue(directive.matched());
    }

    @Override
    public Future<Optional<Directive>> revoke(UUID id, String by, Instant at) {
        return postgres.inTransaction(client -> client.preparedQuery(REVOKE)
                .execute(Tuple.of(id, by, at.toEpochMilli()))
                .compose(done -> find(client, id)));
    }

    private static Future<Optional<Directive>> find(SqlClient client, UUID id) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(id))
                .map(rows -> directives(rows).stream().findFirst());
    }

    @Override
    public Future<Optional<Directive>> find(UUID id) {
        return postgres.query(FIND, Tuple.of(id))
                .map(rows -> directives(rows).stream().findFirst());
    }

    @Override
    public Future<List<Directive>> list(boolean revokedToo, long below, int limit) {
        return postgres.query(LIST, Tuple.of(below, revokedToo, limit)).map(PgDirectiveStore::directives);
    }

    @Override
    public Future<Standing> load() {
        return postgres.query(LOAD, Tuple.tuple())
                .map(rows -> new Standing(rows.iterator().next().getLong("fleet_revision"), directives(rows)));
    }

    private static List<Directive> directives(RowSet<Row> rows) {
        List<Directive> directives = new ArrayList<>(rows.size());
        for (Row row : rows) {
            if (row.getUUID("id") != null) {
                directives.add(directive(row));
            }
        }
        return directives;
    }

    private static Directive directive(Row row) {
        long revoked = row.getLong("revoked_revision");
        return new Directive(
                row.getUUID("id"),
                row.getLong("revision"),
                Verb.valueOf(row.getString("verb")),
                selector(row),
                row.getInteger("messages_per_second"),
                row.getString("reason"),
                row.getString("issued_by"),
                Instant.ofEpochMilli(row.getLong("issued_at")),
                row.getInteger("matched"),
                revoked == 0
                        ? Optional.empty()
                        : Optional.of(new Revocation(
                                revoked,
                                row.getString("revoked_by"),
                                Instant.ofEpochMilli(row.getLong("revoked_at")))));
    }

    private static AgentSelector selector(Row row) {
        AgentSelector.Builder selector = AgentSelector.newBuilder()
                .setAll(row.getBoolean("every_agent"))
                .addAllIds(List.of(row.getArrayOfStrings("ids")))
                .setType(row.getString("type"))
                .setVersionRange(row.getString("version_range"))
                .setNode(row.getString("node"))
                .setSkill(row.getString("skill"))
                .setSkillRange(row.getString("skill_range"));
        String[] names = row.getArrayOfStrings("tag_names");
        String[] values = row.getArrayOfStrings("tag_values");
        for (int i = 0; i < names.length; i++) {
            selector.putTags(names[i], values[i]);
        }
        return selector.build();
    }
}
