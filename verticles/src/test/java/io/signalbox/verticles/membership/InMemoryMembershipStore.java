package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;

/** The simplest thing that keeps the contract, with a clock that tests can set. Answers at once. Thread-safe. */
final class InMemoryMembershipStore implements MembershipStore {

    /** @param hasEnded fenced or gone */
    private record Node(
            Member member,
            boolean hasEnded,
            UUID process,
            UUID home,
            long renewedAt,
            long leaseUntil,
            long formerUntil) {
        boolean isOver(long now) {
            return leaseUntil < now || renewedAt - (leaseUntil - renewedAt) > now;
        }

        boolean is(Incarnation incarnation) {
            return member.id().equals(incarnation.node()) && member.incarnation() == incarnation.number();
        }

        Node in(State state) {
            Member changed = new Member(
                    member.id(), member.incarnation(), member.kind(), member.capacity(), member.address(), state);
            return new Node(changed, hasEnded, process, home, renewedAt, leaseUntil, formerUntil);
        }

        Node renewed(long now, long until) {
            return new Node(member, hasEnded, process, home, now, until, formerUntil);
        }

        Node ended(long until) {
            return new Node(member, true, process, home, renewedAt, until, formerUntil);
        }
    }

    private final LongSupplier clock;
    private final Map<String, Node> nodes = new TreeMap<>();
    private final Map<Shard, ShardRow> shards = new TreeMap<>();
    private int sequence;

    /** @param clock in nanoseconds */
    InMemoryMembershipStore(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Future<Optional<Integer>> join(NodeProfile profile, Duration lease, int last) {
        Node before = nodes.get(profile.id());
        boolean isSameProcess = before != null && before.process().equals(profile.process());
        if (last != 0 && before != null && !isSameProcess) {
            return Future.succeededFuture(Optional.empty());
        }
        long former = 0;
        if (before != null) {
            boolean hasStopped = isSameProcess
                    ? before.member().incarnation() == last
                    : before.home().equals(profile.home());
            former = hasStopped ? before.formerUntil() : Math.max(before.formerUntil(), before.leaseUntil());
        }
        int incarnation = ++sequence;
        Member member = new Member(
                profile.id(), incarnation, profile.kind(), profile.capacity(), profile.address(), State.JOINING);
        long now = clock.getAsLong();
        nodes.put(
                profile.id(),
                new Node(member, false, profile.process(), profile.home(), now, now + lease.toNanos(), former));
        return Future.succeededFuture(Optional.of(incarnation));
    }

    private Optional<Node> active(Incarnation incarnation) {
        return Optional.ofNullable(nodes.get(incarnation.node()))
                .filter(node -> node.is(incarnation) && !node.hasEnded());
    }

    @Override
    public synchronized Future<Renewal> renew(Incarnation self, State state, Duration lease) {
        long now = clock.getAsLong();
        Optional<Node> own = active(self);
        own.ifPresent(node -> nodes.put(self.node(), node.in(state).renewed(now, now + lease.toNanos())));
        List<NodeRow> rows = new ArrayList<>();
        for (Node node : nodes.values()) {
            if (!node.hasEnded()) {
                Duration age = Duration.ofNanos(now - node.renewedAt());
                Duration granted = Duration.ofNanos(node.leaseUntil() - node.renewedAt());
                rows.add(new NodeRow(node.member(), node.renewedAt(), age, granted));
            }
        }
        long version = shards.values().stream().mapToLong(ShardRow::epoch).sum();
        return Future.succeededFuture(new Renewal(own.isPresent(), rows, version));
    }

    @Override
    public synchronized Future<Set<Incarnation>> fence(Incarnation self, List<Suspect> suspects) {
        long now = clock.getAsLong();
        Set<Incarnation> fenced = new HashSet<>();
        if (active(self).filter(node -> !node.isOver(now)).isPresent()) {
            for (Suspect suspect : suspects) {
                active(suspect.incarnation())
                        .filter(node -> node.isOver(now) || (suspect.closed() && isSilent(node, now)))
                        .ifPresent(node -> {
                            nodes.put(node.member().id(), node.ended(node.leaseUntil()));
                            fenced.add(suspect.incarnation());
                        });
            }
        }
        return Future.succeededFuture(fenced);
    }

    private static boolean isSilent(Node node, long now) {
        return node.renewedAt() + (node.leaseUntil() - node.renewedAt()) / 4 < now;
    }

    @Override
    public synchronized Future<Void> leave(Incarnation self) {
        active(self).ifPresent(node -> nodes.put(self.node(), node.ended(clock.getAsLong())));
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Void> addShards(String kind, int count) {
        for (int i = 0; i < count; i++) {
            shards.computeIfAbsent(new Shard(kind, i), shard -> new ShardRow(shard, "", 0, ++sequence));
        }
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<List<ShardRow>> readShards() {
        return Future.succeededFuture(List.copyOf(shards.values()));
    }

    @Override
    public synchronized Future<Void> claimShards(Incarnation self, List<ShardRow> wanted) {
        long now = clock.getAsLong();
        boolean maySelf = active(self)
                .filter(node -> node.member().state() == State.LIVE && !node.isOver(now))
                .isPresent();
        if (maySelf) {
            wanted.stream()
                    .filter(row -> row.equals(shards.get(row.shard())) && isFree(row, now))
                    .forEach(row -> change(row.shard(), self.node(), self.number()));
        }
        return Future.succeededFuture();
    }

    private boolean isFree(ShardRow row, long now) {
        Node owner = nodes.get(row.owner());
        if (owner == null) {
            return true;
        }
        return row.incarnation() == owner.member().incarnation()
                ? owner.hasEnded() && owner.isOver(now)
                : owner.formerUntil() <= now;
    }

    @Override
    public synchronized Future<Void> releaseShards(Incarnation self, List<ShardRow> released) {
        released.stream()
                .filter(row -> row.equals(shards.get(row.shard())) && row.isOwnedBy(self))
                .forEach(row -> change(row.shard(), "", 0));
        return Future.succeededFuture();
    }

    private void change(Shard shard, String owner, int incarnation) {
        shards.put(shard, new ShardRow(shard, owner, incarnation, ++sequence));
    }

    /** Whether a write with this epoch goes through. */
    boolean accepts(Shard shard, int epoch) {
        return shards.get(shard).epoch() == epoch;
    }
}
