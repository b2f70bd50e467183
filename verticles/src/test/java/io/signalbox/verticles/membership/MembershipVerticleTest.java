package io.signalbox.verticles.membership;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.config.NodeKind;
import io.signalbox.config.PostgresConfig;
import io.signalbox.config.Secret;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MembershipVerticleTest {
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final List<Shard> SHARDS =
            IntStream.range(0, 12).mapToObj(i -> new Shard("tasks", i)).toList();

    private final Vertx vertx = Vertx.vertx();
    private final MembershipStore store = new InMemoryMembershipStore(System::nanoTime);

    @AfterEach
    void close() {
        get(vertx.close());
    }

    private MembershipVerticle verticle(String id) {
        return verticle(id, store);
    }

    private static MembershipVerticle verticle(String id, MembershipStore store) {
        NodeProfile profile =
                new NodeProfile(id, NodeKind.PRIMARY, 1000, id + ":7000", UUID.randomUUID(), UUID.randomUUID());
        return new MembershipVerticle(store, profile, Map.of("tasks", SHARDS.size()), LEASE, System::nanoTime);
    }

    private MembershipVerticle ready(String id) {
        return ready(verticle(id));
    }

    private MembershipVerticle ready(MembershipVerticle node) {
        get(vertx.deployVerticle(node));
        node.ready();
        return node;
    }

    private static long owned(MembershipVerticle node) {
        return SHARDS.stream()
                .filter(shard -> node.view().epoch(shard).isPresent())
                .count();
    }

    private long renewalOf(String id) {
        return get(store.renew(new Incarnation("nobody", 0), State.LIVE, LEASE)).rows().stream()
                .filter(row -> row.member().id().equals(id))
                .mapToLong(MembershipStore.NodeRow::renewal)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldShareTheShardsBetweenNodesThatAreReady() {
        MembershipVerticle one = ready("one");
        await(() -> owned(one) == SHARDS.size());
        int incarnation = one.view().incarnation();
        MembershipVerticle other = verticle("other");
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        one.view().listen(new ClusterView.Listener() {
            @Override
            public void peerUp(Member peer) {
                heard.add("up " + peer.id() + " " + peer.state());
            }

            @Override
            public Future<?> shardsLeaving(Set<Shard> shards) {
                heard.add("leaving");
                return Future.succeededFuture();
            }
        });

        get(vertx.deployVerticle(other));
        assertThat(other.view().mayAct()).isTrue();
        assertThat(owned(other)).isZero();
        other.ready();

        await(() -> owned(other) > 0 && owned(one) + owned(other) == SHARDS.size());
        assertThat(heard).first().asString().startsWith("up other");
        assertThat(heard).contains("leaving");
        assertThat(one.view().incarnation()).isEqualTo(incarnation);
        Set<Shard> ofTheOther = Set.copyOf(SHARDS.stream()
                .filter(shard -> other.view().epoch(shard).isPresent())
                .toList());
        await(() -> ofTheOther.stream()
                .allMatch(shard -> one.view()
                        .owner(shard)
                        .filter(owner -> owner.node().equals("other")
                                && owner.epoch() == other.view().epoch(shard).getAsInt())
                        .isPresent()));
    }

    @Test
    void shouldGiveShardsAwayOnlyWhenWorkOnThemHasStopped() {
        MembershipVerticle going = ready("going");
        await(() -> owned(going) == SHARDS.size());
        Promise<Void> working = Promise.promise();
        Promise<Void> asked = Promise.promise();
        going.view().listen(new ClusterView.Listener() {
            @Override
            public Future<?> shardsLeaving(Set<Shard> shards) {
                asked.complete();
                return working.future();
            }
        });

        Future<Void> drained = going.drain();
        get(asked.future());
        long before = renewalOf("going");
        await(() -> renewalOf("going") != before);
        assertThat(owned(going)).isZero();
        assertThat(drained.isComplete()).isFalse();
        assertThat(get(store.readShards())).allMatch(row -> row.owner().equals("going"));
        working.complete();

        get(drained);
        assertThat(get(store.readShards())).allMatch(row -> row.owner().isEmpty());
    }

    @Test
    void shouldStayOnItsEventLoopWhereverWorkOnShardsStops() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        MembershipStore watched = (MembershipStore) Proxy.newProxyInstance(
                MembershipStore.class.getClassLoader(),
                new Class<?>[] {MembershipStore.class},
                (proxy, method, arguments) -> {
                    threads.add(Thread.currentThread());
                    return method.invoke(store, arguments);
                });
        MembershipVerticle going = ready(verticle("going", watched));
        await(() -> owned(going) == SHARDS.size());
        Promise<Void> working = Promise.promise();
        Promise<Void> asked = Promise.promise();
        going.view().listen(new ClusterView.Listener() {
            @Override
            public Future<?> shardsLeaving(Set<Shard> shards) {
                asked.complete();
                return working.future();
            }
        });

        Future<Void> drained = going.drain();
        get(asked.future());
        long before = renewalOf("going");
        await(() -> renewalOf("going") != before); // what asked is done
        working.complete(); // here, which is none of its event loops

        get(drained);
        assertThat(threads).hasSize(1);
    }

    @Test
    void shouldLeaveWhenItIsUndeployed() {
        MembershipVerticle staying = ready("staying");
        MembershipVerticle going = verticle("going");
        String deployment = get(vertx.deployVerticle(going));
        await(() -> staying.view().members().size() == 2);

        get(vertx.undeploy(deployment));

        assertThat(going.view().mayAct()).isFalse();
        assertThat(going.view().whyNot()).contains(Effect.Reason.LEFT.text());
        await(() -> staying.view().members().size() == 1);
        assertThat(staying.view().members().getFirst().state()).isEqualTo(State.LIVE);
    }

    @Test
    void shouldNotStartWhenTheStoreIsAway() {
        PostgresConfig nowhere =
                new PostgresConfig("postgresql://127.0.0.1:1/x", "x", new Secret(""), 1, Duration.ofSeconds(2));
        MembershipVerticle node = new MembershipVerticle(
                new PgMembershipStore(PostgresStore.open(vertx, nowhere)),
                new NodeProfile("x", NodeKind.PRIMARY, 1, "", UUID.randomUUID(), UUID.randomUUID()),
                Map.of("tasks", 1),
                LEASE,
                System::nanoTime);

        assertThat(failure(vertx.deployVerticle(node))).isInstanceOf(StoreException.class);
    }
}
