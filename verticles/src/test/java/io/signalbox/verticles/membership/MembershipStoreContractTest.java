package io.signalbox.verticles.membership;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.config.NodeKind;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.NodeRow;
import io.signalbox.verticles.membership.MembershipStore.Renewal;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import io.signalbox.verticles.membership.MembershipStore.Suspect;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every {@link MembershipStore} keeps to. */
abstract class MembershipStoreContractTest {
    static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(1);
    private static final Duration TOLERANCE = Duration.ofMillis(1).dividedBy(2);
    private static final AtomicInteger NAMES = new AtomicInteger();

    abstract MembershipStore store();

    static String newName() {
        return "name-" + NAMES.incrementAndGet();
    }

    static NodeProfile profile(String id) {
        return new NodeProfile(id, NodeKind.PRIMARY, 100, "10.0.0.1:7000", UUID.randomUUID(), UUID.randomUUID());
    }

    Incarnation join(NodeProfile profile, Duration lease) {
        return new Incarnation(
                profile.id(), get(store().join(profile, lease, 0)).orElseThrow());
    }

    Incarnation live(Duration lease) {
        Incarnation node = join(profile(newName()), lease);
        assertThat(get(store().renew(node, State.LIVE, lease)).granted()).isTrue();
        return node;
    }

    private Optional<NodeRow> row(Incarnation node) {
        Renewal seen = get(store().renew(live(LONG), State.LIVE, LONG));
        return seen.rows().stream()
                .filter(row -> row.member().id().equals(node.node()))
                .findFirst();
    }

    private Set<Incarnation> fence(Incarnation self, Incarnation suspect, boolean closed) {
        return get(store().fence(self, List.of(new Suspect(suspect, closed))));
    }

    private boolean isGranted(Incarnation node) {
        return get(store().renew(node, State.LIVE, LONG)).granted();
    }

    /** Of a new kind, ordered by number. */
    List<ShardRow> newShards(int count) {
        String kind = newName();
        get(store().addShards(kind, count));
        return shards(kind);
    }

    List<ShardRow> shards(String kind) {
        return get(store().readShards()).stream()
                .filter(row -> row.shard().kind().equals(kind))
                .sorted(Comparator.comparing(ShardRow::shard))
                .toList();
    }

    ShardRow now(ShardRow shard) {
        return shards(shard.shard().kind()).get(shard.shard().number());
    }

    ShardRow claimed(Incarnation node, ShardRow shard) {
        get(store().claimShards(node, List.of(shard)));
        return now(shard);
    }

    @Test
    void shouldGiveEveryStartOfAnyNodeAGreaterIncarnation() {
        NodeProfile one = profile(newName());
        List<Incarnation> starts = List.of(join(one, LONG), join(profile(newName()), LONG), join(one, LONG));

        assertThat(starts).extracting(Incarnation::number).isSorted().doesNotHaveDuplicates();
        assertThat(starts.getFirst().number()).isPositive();
    }

    @Test
    void shouldLetTheLastOfThoseStayThatJoinUnderOneIdAtOnce() {
        String id = newName();
        List<Future<Optional<Integer>>> joins = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            joins.add(store().join(profile(id), LONG, 0));
        }
        List<Integer> numbers =
                joins.stream().map(join -> get(join).orElseThrow()).sorted().toList();

        assertThat(numbers).doesNotHaveDuplicates();
        assertThat(row(new Incarnation(id, 0)).orElseThrow().member().incarnation())
                .isEqualTo(numbers.getLast());
        numbers.forEach(number ->
                assertThat(isGranted(new Incarnation(id, number))).isEqualTo(number.equals(numbers.getLast())));
    }

    @Test
    void shouldLetAProcessJoinAgainOnlyWhileNoOtherHasItsId() {
        NodeProfile first = profile(newName());
        Incarnation started = join(first, LONG);
        int again = get(store().join(first, LONG, started.number())).orElseThrow();
        Incarnation second = join(profile(first.id()), LONG);

        assertThat(again).isGreaterThan(started.number());
        assertThat(get(store().join(first, LONG, again))).isEmpty();
        assertThat(isGranted(second)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"PRIMARY, 22500", "SECONDARY, 7500", "EDGE, 2147483647"})
    void shouldShowAllWhoAJoinedNodeIs(NodeKind kind, int capacity) {
        NodeProfile profile = new NodeProfile(
                "n\u0153ud-\ud83d\ude80 ''" + newName(),
                kind,
                capacity,
                "[::1]:1",
                UUID.randomUUID(),
                UUID.randomUUID());

        Incarnation node = join(profile, LONG);

        NodeRow joined = row(node).orElseThrow();
        assertThat(joined.member().id()).isEqualTo(profile.id());
        assertThat(joined.member().kind()).isEqualTo(kind);
        assertThat(joined.member().capacity()).isEqualTo(capacity);
        assertThat(joined.member().address()).isEqualTo("[::1]:1");
        assertThat(joined.member().state()).isEqualTo(State.JOINING);
        assertThat(joined.lease()).isCloseTo(LONG, TOLERANCE);
        assertThat(joined.age()).isBetween(Duration.ZERO, LONG);
    }

    @Test
    void shouldShowARenewalWithItsState() {
        Incarnation node = live(LONG);
        NodeRow before = row(node).orElseThrow();

        get(store().renew(node, State.DRAINING, SHORT));

        NodeRow after = row(node).orElseThrow();
        assertThat(after.member().state()).isEqualTo(State.DRAINING);
        assertThat(after.renewal()).isNotEqualTo(before.renewal());
        assertThat(after.lease()).isCloseTo(SHORT, TOLERANCE);
    }

    @Test
    void shouldFenceOnlyWhoseLeaseIsOverWhenItsLinksAreOpen() {
        Incarnation self = live(LONG);
        Incarnation healthy = live(LONG);
        Incarnation late = live(SHORT);

        await(() -> fence(self, late, false).equals(Set.of(late)));

        assertThat(fence(self, healthy, false)).isEmpty();
        assertThat(row(late)).isEmpty();
        assertThat(isGranted(late)).isFalse();
        assertThat(isGranted(healthy)).isTrue();
    }

    @Test
    void shouldFenceAtAQuarterOfTheLeaseWhenTheLinksAreClosed() {
        Incarnation self = live(LONG);
        Incarnation silent = live(Duration.ofSeconds(2));
        Incarnation healthy = live(LONG);

        await(() -> !fence(self, silent, true).isEmpty());

        assertThat(row(silent)).isEmpty();
        assertThat(fence(self, healthy, true)).isEmpty();
    }

    @Test
    void shouldLetALateRenewalCountWhenNobodyFenced() {
        Incarnation late = live(SHORT);
        await(() -> row(late).orElseThrow().age().compareTo(SHORT) > 0);

        assertThat(isGranted(late)).isTrue();
        assertThat(fence(live(LONG), late, false)).isEmpty();
    }

    @Test
    void shouldFenceNobodyForANodeThatIsFencedOrLateItself() {
        Incarnation victim = live(SHORT);
        Incarnation late = live(SHORT);
        await(() -> row(late).orElseThrow().age().compareTo(SHORT) > 0);
        Incarnation gone = live(LONG);
        get(store().leave(gone));

        assertThat(fence(late, victim, false)).isEmpty();
        assertThat(fence(gone, victim, false)).isEmpty();
        assertThat(fence(new Incarnation(victim.node(), 0), victim, false)).isEmpty();
    }

    @Test
    void shouldKeepAnEndedIncarnationEnded() {
        NodeProfile profile = profile(newName());
        Incarnation first = join(profile, LONG);
        Incarnation second = join(profile, LONG);

        get(store().leave(first));
        assertThat(isGranted(second)).isTrue();
        get(store().leave(second));

        assertThat(isGranted(first)).isFalse();
        assertThat(isGranted(second)).isFalse();
        assertThat(row(second)).isEmpty();
    }

    @Test
    void shouldAddOnlyTheShardsThatAreMissing() {
        List<ShardRow> shards = newShards(3);
        String kind = shards.getFirst().shard().kind();
        ShardRow taken = claimed(live(LONG), shards.get(1));

        get(store().addShards(kind, 5));
        get(store().addShards(kind, 2));

        assertThat(shards(kind)).hasSize(5).contains(shards.getFirst(), taken);
        assertThat(shards(kind).getLast().owner()).isEmpty();
        assertThat(shards(kind).getLast().shard()).isEqualTo(new Shard(kind, 4));
    }

    @Test
    void shouldGiveAShardToOneOnly() {
        ShardRow shard = newShards(1).getFirst();
        Incarnation one = live(LONG);
        Incarnation other = live(LONG);
        long version = get(store().renew(one, State.LIVE, LONG)).shardsVersion();

        ShardRow first = claimed(one, shard);

        assertThat(first.isOwnedBy(one)).isTrue();
        assertThat(first.epoch()).isGreaterThan(one.number()).isGreaterThan(shard.epoch());
        assertThat(claimed(other, shard)).isEqualTo(first);
        assertThat(claimed(other, first)).isEqualTo(first);
        assertThat(get(store().renew(one, State.LIVE, LONG)).shardsVersion()).isNotEqualTo(version);
    }

    @Test
    void shouldGiveShardsToLiveNodesOnly() {
        ShardRow shard = newShards(1).getFirst();
        Incarnation draining = live(LONG);
        get(store().renew(draining, State.DRAINING, LONG));
        Incarnation late = live(SHORT);
        await(() -> row(late).orElseThrow().age().compareTo(SHORT) > 0);

        for (Incarnation each : List.of(join(profile(newName()), LONG), draining, late)) {
            assertThat(claimed(each, shard)).isEqualTo(shard);
        }
    }

    @Test
    void shouldGiveAShardAwayUnderANewEpochWhenItIsReleased() {
        Incarnation owner = live(LONG);
        Incarnation other = live(LONG);
        ShardRow owned = claimed(owner, newShards(1).getFirst());

        get(store().releaseShards(other, List.of(owned)));
        assertThat(now(owned)).isEqualTo(owned);
        get(store().releaseShards(owner, List.of(owned)));

        ShardRow released = now(owned);
        assertThat(released.owner()).isEmpty();
        assertThat(released.epoch()).isGreaterThan(owned.epoch());
        assertThat(claimed(other, released).isOwnedBy(other)).isTrue();
    }

    /** Ended, and by its own clock too it has stopped. */
    @Test
    void shouldGiveAShardAwayWhenTheIncarnationHasEndedAndItsLeaseIsOver() {
        Incarnation taker = live(LONG);
        List<ShardRow> free = newShards(4);
        Incarnation late = live(LONG);
        ShardRow ofTheLate = claimed(late, free.get(0));
        get(store().renew(late, State.LIVE, SHORT));
        Incarnation silent = live(Duration.ofMinutes(1));
        ShardRow ofTheSilent = claimed(silent, free.get(1));
        get(store().renew(silent, State.LIVE, Duration.ofSeconds(2)));
        Incarnation gone = live(LONG);
        ShardRow ofTheGone = claimed(gone, free.get(2));

        await(() -> row(late).orElseThrow().age().compareTo(SHORT) > 0);
        assertThat(claimed(taker, ofTheLate)).as("only late").isEqualTo(ofTheLate);
        fence(taker, late, false);
        assertThat(claimed(taker, ofTheLate).isOwnedBy(taker))
                .as("late, fenced")
                .isTrue();

        get(store().leave(gone));
        await(() -> claimed(taker, ofTheGone).isOwnedBy(taker));

        await(() -> !fence(taker, silent, true).isEmpty());
        await(() -> claimed(taker, ofTheSilent).isOwnedBy(taker));
    }

    @Test
    void shouldKeepTheShardsOfAFencedNodeUntilItsLeaseIsOver() {
        Incarnation taker = live(LONG);
        Incarnation silent = live(LONG);
        ShardRow owned = claimed(silent, newShards(1).getFirst());
        get(store().renew(silent, State.LIVE, Duration.ofSeconds(8)));

        await(() -> !fence(taker, silent, true).isEmpty());

        assertThat(claimed(taker, owned)).isEqualTo(owned);
    }

    @Test
    void shouldWaitForTheLeaseOfAnotherProcessButNotForOnesOwn() {
        Incarnation taker = live(LONG);
        NodeProfile moved = profile(newName());
        Incarnation first = join(moved, LONG);
        get(store().renew(first, State.LIVE, LONG));
        ShardRow owned = claimed(first, newShards(1).getFirst());

        int again = get(store().join(moved, LONG, first.number())).orElseThrow();
        ShardRow taken = claimed(taker, owned);
        Incarnation second = new Incarnation(moved.id(), again);
        get(store().renew(second, State.LIVE, LONG));
        ShardRow ownedAgain = claimed(second, newShards(1).getFirst());
        join(profile(moved.id()), LONG);

        assertThat(taken.isOwnedBy(taker)).as("it has stopped and says so").isTrue();
        assertThat(claimed(taker, ownedAgain))
                .as("the other process may not know yet")
                .isEqualTo(ownedAgain);
    }

    /** Its home is locked: the process that had it is dead. */
    @Test
    void shouldNotWaitForTheLeaseOfTheProcessThatHadTheSameHome() {
        Incarnation taker = live(LONG);
        NodeProfile killed = profile(newName());
        Incarnation first = join(killed, LONG);
        get(store().renew(first, State.LIVE, LONG));
        ShardRow owned = claimed(first, newShards(1).getFirst());

        join(new NodeProfile(killed.id(), killed.kind(), 100, "", UUID.randomUUID(), killed.home()), LONG);

        assertThat(claimed(taker, owned).isOwnedBy(taker)).isTrue();
    }

    @Test
    void shouldWaitForALeaseThatAJoinOfTheSameProcessCutShort() {
        NodeProfile late = profile(newName());
        Incarnation first = join(late, LONG);
        get(store().renew(first, State.LIVE, LONG));
        ShardRow owned = claimed(first, newShards(1).getFirst());

        join(late, LONG);

        assertThat(claimed(live(LONG), owned)).isEqualTo(owned);
    }
}
