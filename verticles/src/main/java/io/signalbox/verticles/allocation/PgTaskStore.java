package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Usage;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Tasks in PostgreSQL, written in batches by unnest. Thread-safe. */
public final class PgTaskStore implements TaskStore {
    private static final String INSERT = SqlFile.read(PgTaskStore.class, "insert-tasks.sql");
    private static final String FIND_SUBMITTED = SqlFile.read(PgTaskStore.class, "find-submitted.sql");
    private static final String CHANGE = SqlFile.read(PgTaskStore.class, "change-tasks.sql");
    private static final String FIND_CHANGED = SqlFile.read(PgTaskStore.class, "find-changed.sql");
    private static final String LOAD = SqlFile.read(PgTaskStore.class, "load-open.sql");
    private static final String FIND = SqlFile.read(PgTaskStore.class, "find-task.sql");
    private static final String FIND_ALL = SqlFile.read(PgTaskStore.class, "find-tasks.sql");
    private static final String STATES = SqlFile.read(PgTaskStore.class, "find-states.sql");
    private static final String LIST = SqlFile.read(PgTaskStore.class, "list-tasks.sql");
    private static final String OPEN_BELOW = SqlFile.read(PgTaskStore.class, "open-below.sql");
    private static final String SPENT = SqlFile.read(PgTaskStore.class, "find-spent.sql");
    private static final String CHILDREN = SqlFile.read(PgTaskStore.class, "count-children.sql");
    private static final String EVENTS = SqlFile.read(PgTaskStore.class, "list-events.sql");

    private final PostgresStore postgres;
    private final ShardFence fence;

    /** @param fence what is written only while it holds */
    public PgTaskStore(PostgresStore postgres, ShardFence fence) {
        this.postgres = postgres;
        this.fence = fence;
    }

    @Override
    public Future<List<Loaded>> loadOpen() {
        return postgres.query(LOAD, Tuple.tuple()).map(rows -> {
            List<Loaded> open = new ArrayList<>(rows.size());
            rows.forEach(row -> open.add(loaded(row)));
            return open;
        });
    }

    private static Loaded loaded(Row row) {
        TaskSpec spec = new TaskSpec(
                row.getUUID("id"),
                row.getString("skill"),
                row.getString("version_range"),
                row.getString("tenant"),
                row.getInteger("priority"),
                Instant.ofEpochMilli(row.getLong("submitted_at")),
                Optional.of(row.getLong("deadline")).filter(at -> at != 0).map(Instant::ofEpochMilli),
                row.getInteger("max_attempts"),
                plan(row).map(TaskPlan::of).orElse(TaskPlan.NONE));
        return new Loaded(
                spec,
                row.getString("state"),
                row.getInteger("attempt"),
                row.getLong("token"),
                row.getString("agent"),
                Instant.ofEpochMilli(row.getLong("not_before")),
                row.getString("decided_by") != null,
                row.getLong("revision"));
    }

    private static Optional<io.signalbox.codecs.internal.TaskPlan> plan(Row row) {
        return Optional.ofNullable(row.getBuffer("plan")).map(plan -> {
            try {
                return io.signalbox.codecs.internal.TaskPlan.parseFrom(plan.getBytes());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("the plan of task " + row.getUUID("id") + " does not parse", e);
            }
        });
    }

    @Override
    public Future<Written> write(List<StoreWrite.Submit> submits, List<StoreWrite.Change> changes) {
        // All statements are sent at once, the server does them in order.
        return postgres.inTransaction(client -> {
            Future<Void> held = fence.hold(client);
            Future<Map<UUID, Submitted>> submitted = submit(client, submits);
            Future<Map<UUID, Changed>> changed = change(client, changes);
            return Future.all(held, submitted, changed).map(done -> new Written(submitted.result(), changed.result()));
        });
    }

    private static Future<Map<UUID, Submitted>> submit(SqlClient client, List<StoreWrite.Submit> submits) {
        if (submits.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        Future<RowSet<Row>> inserted = client.preparedQuery(INSERT).execute(TaskColumns.ofSubmits(submits));
        Future<RowSet<Row>> found = client.preparedQuery(FIND_SUBMITTED).execute(TaskColumns.ofKeys(submits));
        return Future.all(inserted, found).map(done -> {
            Map<UUID, Submitted> outcome = new HashMap<>();
            found.result()
                    .forEach(row -> outcome.put(
                            row.getUUID("submitted"),
                            new Submitted(
                                    row.getUUID("id"),
                                    row.getBuffer("request_hash").getBytes())));
            return outcome;
        });
    }

    private static Future<Map<UUID, Changed>> change(SqlClient client, List<StoreWrite.Change> changes) {
        if (changes.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        Future<RowSet<Row>> updated = client.preparedQuery(CHANGE).execute(TaskColumns.ofChanges(changes));
        Future<RowSet<Row>> found = client.preparedQuery(FIND_CHANGED).execute(TaskColumns.ofWanted(changes));
        return Future.all(updated, found).map(done -> {
            Map<UUID, Changed> outcome = new HashMap<>();
            found.result()
                    .forEach(row -> outcome.put(
                            row.getUUID("id"),
                            new Changed(row.getBoolean("committed"), row.getLong("revision"), changed(row))));
            return outcome;
        });
    }

    private static TaskView changed(Row row) {
        TaskView.Builder task = TaskView.newBuilder()
                .setId(row.getUUID("id").toString())
                .setSkill(row.getString("skill"))
                .setAgent(row.getString("agent"))
                .setToken(row.getLong("token"))
                .setAttempt(row.getInteger("attempt"))
                .setPriority(row.getInteger("priority"))
                .setSubmittedAtMs(row.getLong("submitted_at"))
                .setDeadlineMs(row.getLong("deadline"))
                .putAllLabels(labels(row))
                .setContentType(row.getString("content_type"))
                .setInput(bytes(row, "input"))
                .setTraceparent(row.getString("traceparent"))
                .setDefinition(row.getString("definition"));
        plan(row).ifPresent(task::setPlan);
        return task.build();
    }

    @Override
    public Future<Optional<TaskView>> find(UUID id) {
        return postgres.query(FIND, Tuple.of(id)).map(rows -> {
            for (Row row : rows) {
                return Optional.of(view(row));
            }
            return Optional.empty();
        });
    }

    @Override
    public Future<List<TaskView>> findAll(List<UUID> ids) {
        return postgres.query(FIND_ALL, Tuple.of(ids.toArray(UUID[]::new))).map(PgTaskStore::views);
    }

    @Override
    public Future<Map<UUID, String>> states(List<UUID> ids) {
        return postgres.query(STATES, Tuple.of(ids.toArray(UUID[]::new))).map(rows -> {
            Map<UUID, String> states = new HashMap<>();
            rows.forEach(row -> states.put(row.getUUID("id"), row.getString("state")));
            return states;
        });
    }

    private static List<TaskView> views(RowSet<Row> rows) {
        List<TaskView> views = new ArrayList<>(rows.size());
        rows.forEach(row -> views.add(view(row)));
        return views;
    }

    @Override
    public Future<List<TaskView>> list(Filter filter, Optional<UUID> below, int limit) {
        Tuple arguments = Tuple.of(
                filter.state(),
                filter.skill(),
                below.orElse(null),
                limit,
                filter.parent().orElse(null));
        return postgres.query(LIST, arguments).map(PgTaskStore::views);
    }

    @Override
    public Future<List<UUID>> openBelow(UUID ancestor) {
        return postgres.query(OPEN_BELOW, Tuple.of(ancestor)).map(rows -> {
            List<UUID> ids = new ArrayList<>(rows.size());
            rows.forEach(row -> ids.add(row.getUUID("id")));
            return ids;
        });
    }

    @Override
    public Future<Trees> trees(List<UUID> roots) {
        Tuple ids = Tuple.of(roots.toArray(UUID[]::new));
        Future<Map<UUID, Budget.Spent>> spent = postgres.query(SPENT, ids).map(rows -> {
            Map<UUID, Budget.Spent> byRoot = new HashMap<>();
            rows.forEach(row ->
                    byRoot.put(row.getUUID("top"), new Budget.Spent(row.getLong("tokens"), row.getLong("cost"))));
            return byRoot;
        });
        Future<Map<UUID, Integer>> children = postgres.query(CHILDREN, ids).map(rows -> {
            Map<UUID, Integer> byParent = new HashMap<>();
            rows.forEach(row -> byParent.put(row.getUUID("parent"), row.getInteger("children")));
            return byParent;
        });
        return Future.all(spent, children).map(done -> new Trees(spent.result(), children.result()));
    }

    private static TaskView view(Row row) {
        TaskView.Builder task = TaskView.newBuilder()
                .setId(row.getUUID("id").toString())
                .setState(row.getString("state"))
                .setSkill(row.getString("skill"))
                .setVersionRange(row.getString("version_range"))
                .setPriority(row.getInteger("priority"))
                .setDeadlineMs(row.getLong("deadline"))
                .setAttempt(row.getInteger("attempt"))
                .setMaxAttempts(row.getInteger("max_attempts"))
                .putAllLabels(labels(row))
                .setSubmitter(row.getString("submitter"))
                .setSubmittedAtMs(row.getLong("submitted_at"))
                .setUpdatedAtMs(row.getLong("updated_at"))
                .setAgent(row.getString("agent"))
                .setToken(row.getLong("token"))
                .setSkillVersion(row.getString("skill_version"))
                .setReasonCode(row.getInteger("reason_code"))
                .setReason(row.getString("reason"))
                .setContentType(row.getString("content_type"))
                .setInput(bytes(row, "input"))
                .setOutputContentType(row.getString("output_content_type"))
                .setOutput(bytes(row, "output"))
                .setProgressPercent(row.getDouble("percent"))
                .setProgressMessage(row.getString("progress"))
                .setRevision(row.getLong("revision"))
                .setTraceparent(row.getString("traceparent"))
                .setTenant(row.getString("tenant"))
                .setDefinition(row.getString("definition"));
        plan(row).ifPresent(task::setPlan);
        if (row.getString("decided_by") != null) {
            task.setDecidedBy(row.getString("decided_by"))
                    .setDecidedAtMs(row.getLong("decided_at"))
                    .setDecisionReason(row.getString("decision_reason"));
        }
        if (row.getLong("used_tokens") != null) {
            task.setUsed(
                    Usage.newBuilder().setTokens(row.getLong("used_tokens")).setCostMicros(row.getLong("used_cost")));
        }
        return task.build();
    }

    private static Map<String, String> labels(Row row) {
        Map<String, String> labels = new HashMap<>();
        new JsonObject(row.getString("labels")).forEach(label -> labels.put(label.getKey(), (String) label.getValue()));
        return labels;
    }

    private static ByteString bytes(Row row, String column) {
        Buffer value = row.getBuffer(column);
        return UnsafeByteOperations.unsafeWrap(value.getBytes());
    }

    @Override
    public Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit) {
        return postgres.query(EVENTS, Tuple.of(task, afterRevision, limit)).map(rows -> {
            List<TaskEvent> events = new ArrayList<>(rows.size());
            rows.forEach(row -> events.add(event(row)));
            return events;
        });
    }

    private static TaskEvent event(Row row) {
        return TaskEvent.newBuilder()
                .setTask(row.getUUID("task").toString())
                .setRevision(row.getLong("revision"))
                .setType(row.getString("type"))
                .setAtMs(row.getLong("at"))
                .setAgent(row.getString("agent"))
                .setToken(row.getLong("token"))
                .setAttempt(row.getInteger("attempt"))
                .setReasonCode(row.getInteger("reason_code"))
                .setReason(row.getString("reason"))
                .setPercent(row.getDouble("percent"))
                .setMessage(row.getString("message"))
                .setBy(Optional.ofNullable(row.getString("by")).orElse(""))
                .setDefinition(row.getString("definition"))
                .build();
    }
}
