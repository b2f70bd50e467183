package io.signalbox.verticles.membership;

import static io.signalbox.verticles.PortCalls.assertAnswersOnTheCallersContext;
import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import io.signalbox.verticles.membership.MembershipStore.Suspect;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.postgres.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On a real PostgreSQL; here too what epochs are for. */
class PgMembershipStoreTest extends MembershipStoreContractTest {
    private static TestDatabase database;

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
        get(database.store().query("CREATE TABLE written (what text NOT NULL)", Tuple.tuple()));
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    @Override
    MembershipStore store() {
        return new PgMembershipStore(database.store());
    }

    private static ShardFence fence(ShardRow... rows) {
        Map<Integer, Integer> epochs = new TreeMap<>();
        for (ShardRow row : rows) {
            epochs.put(row.shard().number(), row.epoch());
        }
        return new ShardFence(rows[0].shard().kind(), epochs);
    }

    /** All statements are sent at once, as task writes do it; the commit waits. */
    private static Future<?> write(ShardFence fence, String what, Promise<Void> underWay, Future<Void> pause) {
        return database.store()
                .inTransaction(client -> Future.all(
                                fence.hold(client),
                                client.preparedQuery("INSERT INTO written VALUES ($1)")
                                        .execute(Tuple.of(what)))
                        .compose(done -> {
                            underWay.complete();
                            return pause;
                        }));
    }

    private static Future<?> write(ShardFence fence, String what) {
        return write(fence, what, Promise.promise(), Future.succeededFuture());
    }

    /** Of connections that wait for what another one holds. */
    private static boolean isAnyWaiting() {
        return get(database.store()
                                .query(
                                        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%shards%'",
                                        Tuple.tuple()))
                        .size()
                == 1;
    }

    private static int written(String what) {
        return get(database.store().query("SELECT FROM written WHERE what = $1", Tuple.of(what)))
                .size();
    }

    private static void assertFails(Future<?> call, StoreException.Kind kind) {
        assertThat(failure(call))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void shouldRefuseTheWritesOfAnOwnerThatWasReplaced() {
        Incarnation old = live(LONG);
        List<ShardRow> shards = newShards(2);
        ShardRow first = claimed(old, shards.get(0));
        ShardRow second = claimed(old, shards.get(1));
        get(write(fence(first, second), "before"));
        get(store().leave(old));

        ShardRow taken = claimed(live(LONG), second);

        assertFails(write(fence(first, second), "after"), StoreException.Kind.FENCED);
        get(write(fence(first), "of the other shard"));
        get(write(fence(taken), "of the new owner"));
        assertThat(written("before")).isOne();
        assertThat(written("after")).isZero();
        assertThat(written("of the other shard")).isOne();
        assertThat(written("of the new owner")).isOne();
    }

    @Test
    void shouldRefuseAWriteToAShardThatIsNotThere() {
        ShardRow row = claimed(live(LONG), newShards(1).getFirst());

        assertFails(write(new ShardFence("nothing", Map.of(0, row.epoch())), "x"), StoreException.Kind.FENCED);
    }

    @Test
    void shouldTakeOverOnlyAfterWhatTheOldOwnerIsWriting() {
        Incarnation old = live(LONG);
        ShardRow owned = claimed(old, newShards(1).getFirst());
        Promise<Void> pause = Promise.promise();
        Promise<Void> underWay = Promise.promise();
        Future<?> write = write(fence(owned), "under way", underWay, pause.future());
        get(underWay.future());
        get(store().leave(old));

        Incarnation taker = live(LONG);
        Future<Void> claim = store().claimShards(taker, List.of(owned));
        await(PgMembershipStoreTest::isAnyWaiting);
        assertThat(now(owned)).isEqualTo(owned);
        pause.complete();

        get(write);
        get(claim);
        assertThat(now(owned).isOwnedBy(taker)).isTrue();
        assertThat(written("under way")).isOne();
    }

    /** Stopped in the middle of a transaction: the server ends it, else nobody could ever take over. */
    @Test
    void shouldTakeOverFromAnOwnerThatHangsInATransaction() {
        Incarnation old = live(LONG);
        ShardRow owned = claimed(old, newShards(1).getFirst());
        Promise<Void> pause = Promise.promise();
        Promise<Void> underWay = Promise.promise();
        Future<?> write = write(fence(owned), "hung", underWay, pause.future());
        get(underWay.future());
        get(store().leave(old));
        Incarnation taker = live(LONG);

        get(store().claimShards(taker, List.of(owned)));

        assertThat(now(owned).isOwnedBy(taker)).isTrue();
        pause.complete();
        assertFails(write, StoreException.Kind.UNAVAILABLE);
        assertThat(written("hung")).isZero();
    }

    @Test
    void shouldFailWithAStoreExceptionWhenTheServerIsAway() {
        MembershipStore away = new PgMembershipStore(database.away());
        Incarnation self = new Incarnation("a", 1);

        List<Future<?>> calls = List.of(
                away.join(profile("a"), LONG, 0),
                away.renew(self, State.LIVE, LONG),
                away.fence(self, List.of(new Suspect(self, true))),
                away.leave(self),
                away.addShards("kind", 1),
                away.readShards(),
                away.claimShards(self, List.of()),
                away.releaseShards(self, List.of()));

        calls.forEach(call -> assertFails(call, StoreException.Kind.UNAVAILABLE));
    }

    /** Tokens have 31 bits for it; a wrapped one would make old tokens young. */
    @Test
    void shouldFailRatherThanStartOverWhenTheNumbersAreUsedUp() {
        int next = live(LONG).number() + 100;
        get(database.store().query("SELECT setval('node_incarnation', 2147483647)", Tuple.tuple()));
        try {
            assertFails(store().join(profile(newName()), LONG, 0), StoreException.Kind.FAULT);
        } finally {
            get(database.store().query("SELECT setval('node_incarnation', $1)", Tuple.of((long) next)));
        }
    }

    @Test
    void shouldAnswerOnTheCallersContext() {
        Incarnation node = live(LONG);

        assertAnswersOnTheCallersContext(database.vertx(), () -> store().renew(node, State.LIVE, LONG));
    }
}
