package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.config.NodeKind;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Membership in PostgreSQL. Wants connections of its own (two will do) with a time limit of a third of the lease: a renewal
 * must not wait behind batches of tasks. Thread-safe.
 */
public final class PgMembershipStore implements MembershipStore {
    private static final String JOIN = sql("join.sql");
    private static final String RENEW = sql("renew.sql");
    private static final String FENCE = sql("fence.sql");
    private static final String LEAVE = sql("leave.sql");
    private static final String ADD_SHARDS = sql("add-shards.sql");
    private static final String READ_SHARDS = sql("read-shards.sql");
    private static final String CLAIM_SHARDS = sql("claim-shards.sql");
    private static final String RELEASE_SHARDS = sql("release-shards.sql");

    private final PostgresStore postgres;

    public PgMembershipStore(PostgresStore postgres) {
        this.postgres = postgres;
    }

    private static String sql(String name) {
        return SqlFile.read(PgMembershipStore.class, name);
    }

    @Override
    public Future<Optional<Integer>> join(NodeProfile profile, Duration lease, int last) {
        Tuple arguments = Tuple.of(
                profile.id(),
                text(profile.kind()),
                profile.capacity(),
                profile.address(),
                profile.process(),
                micros(lease),
                last,
                profile.home());
        return postgres.query(JOIN, arguments)
                .map(rows -> list(rows, row -> row.getInteger("incarnation")).stream()
                        .findFirst());
    }

    @Override
    public Future<Renewal> renew(Incarnation self, State state, Duration lease) {
        Tuple arguments = Tuple.of(self.node(), self.number(), text(state), micros(lease));
        return postgres.query(RENEW, arguments).map(rows -> {
            // Of no rows at all none is the own one.
            boolean granted = rows.size() > 0 && rows.iterator().next().getBoolean("granted");
            long version = granted ? rows.iterator().next().getLong("shards_version") : 0;
            return new Renewal(granted, list(rows, PgMembershipStore::node), version);
        });
    }

    private static NodeRow node(Row row) {
        Member member = new Member(
                row.getString("id"),
                row.getInteger("incarnation"),
                NodeKind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getInteger("capacity"),
                row.getString("address"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)));
        return new NodeRow(
                member,
                row.getLong("renewal"),
                Duration.of(row.getLong("age"), ChronoUnit.MICROS),
                Duration.of(row.getLong("lease"), ChronoUnit.MICROS));
    }

    @Override
    public Future<Set<Incarnation>> fence(Incarnation self, List<Suspect> suspects) {
        Tuple arguments = Tuple.of(
                self.node(),
                self.number(),
                suspects.stream().map(each -> each.incarnation().node()).toArray(String[]::new),
                suspects.stream().map(each -> each.incarnation().number()).toArray(Integer[]::new),
                suspects.stream().map(Suspect::closed).toArray(Boolean[]::new));
        return postgres.query(FENCE, arguments)
                .map(rows -> new HashSet<>(
                        list(rows, row -> new Incarnation(row.getString("id"), row.getInteger("incarnation")))));
    }

    @Override
    public Future<Void> leave(Incarnation self) {
        return postgres.query(LEAVE, Tuple.of(self.node(), self.number())).mapEmpty();
    }

    @Override
    public Future<Void> addShards(String kind, int count) {
        return postgres.query(ADD_SHARDS, Tuple.of(kind, count)).mapEmpty();
    }

    @Override
    public Future<List<ShardRow>> readShards() {
        return postgres.query(READ_SHARDS, Tuple.tuple())
                .map(rows -> list(
                        rows,
                        row -> new ShardRow(
                                new Shard(row.getString("kind"), row.getInteger("number")),
                                row.getString("owner"),
                                row.getInteger("incarnation"),
                                row.getInteger("epoch"))));
    }

    @Override
    public Future<Void> claimShards(Incarnation self, List<ShardRow> shards) {
        return postgres.query(CLAIM_SHARDS, arguments(self, shards)).mapEmpty();
    }

    @Override
    public Future<Void> releaseShards(Incarnation self, List<ShardRow> shards) {
        return postgres.query(RELEASE_SHARDS, arguments(self, shards)).mapEmpty();
    }

    private static Tuple arguments(Incarnation self, List<ShardRow> shards) {
        return Tuple.of(
                self.node(),
                self.number(),
                shards.stream().map(row -> row.shard().kind()).toArray(String[]::new),
                shards.stream().map(row -> row.shard().number()).toArray(Integer[]::new),
                shards.stream().map(ShardRow::epoch).toArray(Integer[]::new));
    }

    private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> read) {
        List<T> list = new ArrayList<>(rows.size());
        rows.forEach(row -> list.add(read.apply(row)));
        return list;
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
