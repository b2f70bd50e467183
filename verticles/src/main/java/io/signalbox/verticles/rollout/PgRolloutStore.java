package io.signalbox.verticles.rollout;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.internal.RolloutEvidence;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Channels and rollouts in PostgreSQL. Thread-safe. */
public final class PgRolloutStore implements RolloutStore {
    private static final String FIND = SqlFile.read(PgRolloutStore.class, "find-channels.sql");
    private static final String VERSION = SqlFile.read(PgRolloutStore.class, "find-version.sql");
    private static final String MOVE = SqlFile.read(PgRolloutStore.class, "move-channels.sql");
    private static final String KEEP = SqlFile.read(PgRolloutStore.class, "keep-evidence.sql");
    private static final String ROLLOUTS = SqlFile.read(PgRolloutStore.class, "list-rollouts.sql");
    private static final String MOVES = SqlFile.read(PgRolloutStore.class, "list-moves.sql");

    private final PostgresStore postgres;

    public PgRolloutStore(PostgresStore postgres) {
        this.postgres = postgres;
    }

    @Override
    public Future<Optional<Followed>> find(String definition) {
        return postgres.query(FIND, Tuple.of(definition, time(Instant.EPOCH)))
                .map(rows -> all(rows, PgRolloutStore::followed).stream().findFirst());
    }

    @Override
    public Future<Changes> changedAfter(Instant time) {
        return postgres.query(FIND, Tuple.of(null, time(time))).map(rows -> {
            Instant at = time;
            for (Row row : rows) {
                at = row.getOffsetDateTime("read_at").toInstant();
            }
            return new Changes(all(rows, PgRolloutStore::followed), at);
        });
    }

    private static <T> List<T> all(RowSet<Row> rows, Function<Row, T> read) {
        List<T> all = new ArrayList<>(rows.size());
        rows.forEach(row -> all.add(read.apply(row)));
        return all;
    }

    private static Followed followed(Row row) {
        Optional<Rollout> rollout = Optional.ofNullable(row.getLong("number")).map(there -> rollout(row));
        return new Followed(
                new Channels(row.getString("name"), row.getLong("revision"), row.getString("channel_stable"), rollout),
                skills(row.getString("stable_document")),
                Optional.ofNullable(row.getString("canary_document"))
                        .map(PgRolloutStore::skills)
                        .orElse(List.of()));
    }

    /** Of a document that was checked when it was published. */
    private static List<Skill> skills(String document) {
        JsonArray skills = new JsonObject(document).getJsonArray("skills", new JsonArray());
        return skills.stream()
                .map(JsonObject.class::cast)
                .map(skill -> Skill.newBuilder()
                        .setName(skill.getString("name"))
                        .setVersion(skill.getString("version", "1.0.0"))
                        .build())
                .toList();
    }

    private static Rollout rollout(Row row) {
        return new Rollout(
                row.getLong("number"),
                row.getString("stable"),
                row.getString("canary"),
                row.getInteger("share"),
                Rollout.State.of(row.getString("state")),
                new Bounds(
                        row.getDouble("error_ratio"),
                        row.getDouble("latency_ratio"),
                        row.getDouble("latency_quantile"),
                        row.getDouble("alpha")),
                row.getString("started_by"),
                row.getString("why"),
                row.getOffsetDateTime("started_at").toInstant(),
                row.getOffsetDateTime("changed_at").toInstant());
    }

    @Override
    public Future<Boolean> isPublished(String definition, String version) {
        return postgres.query(VERSION, Tuple.of(definition, version)).map(rows -> rows.size() > 0);
    }

    @Override
    public Future<Boolean> take(Channels next, Move move, Optional<ShardFence> fence) {
        if (fence.isEmpty()) {
            return postgres.query(MOVE, arguments(next, move)).map(rows -> rows.size() > 0);
        }
        // Both are sent at once, the server does them in order.
        return postgres.inTransaction(client -> {
            Future<Void> held = fence.get().hold(client);
            Future<RowSet<Row>> moved = client.preparedQuery(MOVE).execute(arguments(next, move));
            return Future.all(held, moved).map(done -> moved.result().size() > 0);
        });
    }

    private static Tuple arguments(Channels next, Move move) {
        Tuple arguments = Tuple.of(
                next.definition(),
                next.revision(),
                next.stable(),
                next.rollout().map(Rollout::number).orElse(0L));
        arguments.addValue(move.action());
        arguments.addValue(move.canary());
        arguments.addValue(move.share());
        arguments.addValue(move.rollout());
        arguments.addValue(text(move.by()));
        arguments.addValue(text(move.why()));
        arguments.addValue(time(move.at()));
        arguments.addValue(move.evidence().map(PgRolloutStore::bytes).orElse(null));
        Optional<Rollout> rollout = next.rollout();
        arguments.addValue(rollout.map(Rollout::stable).orElse(null));
        arguments.addValue(rollout.map(Rollout::canary).orElse(null));
        arguments.addValue(rollout.map(Rollout::share).orElse(null));
        arguments.addValue(rollout.map(last -> last.state().text()).orElse(null));
        arguments.addValue(rollout.map(last -> last.bounds().errorRatio()).orElse(null));
        arguments.addValue(rollout.map(last -> last.bounds().latencyRatio()).orElse(null));
        arguments.addValue(rollout.map(last -> last.bounds().latencyQuantile()).orElse(null));
        arguments.addValue(rollout.map(last -> last.bounds().alpha()).orElse(null));
        arguments.addValue(rollout.map(last -> text(last.by())).orElse(null));
        arguments.addValue(rollout.map(last -> text(last.why())).orElse(null));
        arguments.addValue(rollout.map(last -> time(last.startedAt())).orElse(null));
        return arguments;
    }

    private static Object time(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    /** PostgreSQL's text cannot hold NUL; these are from people. */
    private static String text(String text) {
        return text.replace('\0', '\ufffd');
    }

    private static Buffer bytes(Evidence evidence) {
        return Buffer.buffer(RolloutMessages.evidence(evidence).toByteArray());
    }

    @Override
    public Future<Void> keep(String definition, long rollout, int epoch, Evidence evidence) {
        return postgres.query(KEEP, Tuple.of(definition, rollout, epoch, bytes(evidence)))
                .mapEmpty();
    }

    @Override
    public Future<List<Judged>> rollouts(String definition, long below, int limit) {
        return postgres.query(ROLLOUTS, Tuple.of(definition, below, limit))
                .map(rows -> all(rows, row -> new Judged(rollout(row), evidence(row.getBuffer("evidence")))));
    }

    private static Evidence evidence(Buffer kept) {
        try {
            return RolloutMessages.evidence(RolloutEvidence.parseFrom(kept.getBytes()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the evidence of a rollout does not parse", e);
        }
    }

    @Override
    public Future<List<Move>> moves(String definition, long below, int limit) {
        return postgres.query(MOVES, Tuple.of(definition, below, limit))
                .map(rows -> all(
                        rows,
                        row -> new Move(
                                row.getString("definition"),
                                row.getLong("revision"),
                                row.getString("action"),
                                row.getString("stable"),
                                row.getString("canary"),
                                row.getInteger("share"),
                                row.getLong("rollout"),
                                row.getString("decided_by"),
                                row.getString("why"),
                                row.getOffsetDateTime("decided_at").toInstant(),
                                Optional.ofNullable(row.getBuffer("evidence")).map(PgRolloutStore::evidence))));
    }
}
