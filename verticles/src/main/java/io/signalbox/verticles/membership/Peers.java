package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.NodeRow;
import io.signalbox.verticles.membership.MembershipStore.Suspect;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The other nodes, and which of them are to be fenced. Single writer, not thread-safe; knows no clock: {@code now} is
 * nanoseconds of a clock that only goes forward.
 */
final class Peers {

    /**
     * @param readAt when the row was read
     * @param seenAt when its latest renewal was first seen
     * @param tried fenced in vain since it was read
     */
    private record Peer(NodeRow row, long readAt, long seenAt, boolean tried) {
        /** At least so long ago. */
        long age(long now) {
            return row.age().toNanos() + now - readAt;
        }

        Incarnation incarnation() {
            return row.incarnation();
        }
    }

    private final String self;
    private final LeaseTimes times;
    private final Map<String, Peer> peers = new TreeMap<>();

    /** Whose last link was closed. As incarnations: a node that starts anew is not blamed for what came before. */
    private final Set<Incarnation> closed = new HashSet<>();

    /** Since when this node's own renewals have come at their pace; before that a peer's silence may be the store's. */
    private long steadySince;

    Peers(String self, LeaseTimes times) {
        this.self = self;
        this.times = times;
    }

    /** From now on every peer has its full time to renew. */
    void unsteady(long now) {
        steadySince = now;
    }

    List<Effect> read(List<NodeRow> rows, long now) {
        List<Effect> effects = new ArrayList<>();
        Map<String, NodeRow> others = new TreeMap<>();
        rows.stream()
                .filter(row -> !row.member().id().equals(self))
                .forEach(row -> others.put(row.member().id(), row));
        List<Incarnation> ended = peers.values().stream()
                .map(Peer::incarnation)
                .filter(known -> !others.containsKey(known.node())
                        || !others.get(known.node()).incarnation().equals(known))
                .toList();
        effects.addAll(ended(ended));
        others.values().forEach(row -> effects.addAll(read(row, now)));
        return effects;
    }

    private List<Effect> read(NodeRow row, long now) {
        Peer before = peers.get(row.member().id());
        boolean isNew = before == null;
        boolean hasRenewed = isNew || before.row().renewal() != row.renewal();
        peers.put(row.member().id(), new Peer(row, now, hasRenewed ? now : before.seenAt(), false));
        List<Effect> effects = new ArrayList<>();
        if (isNew) {
            effects.add(new Effect.PeerUp(row.member()));
        }
        boolean wasDraining = !isNew && before.row().member().state() == State.DRAINING;
        if (row.member().state() == State.DRAINING && !wasDraining) {
            effects.add(new Effect.PeerDraining(row.member()));
        }
        return effects;
    }

    List<Effect> ended(Collection<Incarnation> incarnations) {
        List<Effect> effects = new ArrayList<>();
        for (Incarnation ended : incarnations) {
            Peer peer = peers.get(ended.node());
            if (peer != null && peer.incarnation().equals(ended)) {
                peers.remove(ended.node());
                closed.remove(ended);
                effects.add(new Effect.PeerDown(peer.row().member()));
            }
        }
        return effects;
    }

    boolean knows(String node) {
        return peers.containsKey(node);
    }

    void opened(String node) {
        if (knows(node)) {
            closed.remove(peers.get(node).incarnation());
        }
    }

    void closed(String node) {
        if (knows(node)) {
            closed.add(peers.get(node).incarnation());
        }
    }

    /** Of this node and those that it can reach: no more than half of all. */
    boolean areMostlyClosed() {
        int all = peers.size() + 1;
        return peers.size() > 0 && (all - closed.size()) * 2 <= all;
    }

    /** Those that may be fenced, each once for each time that it was read. The store looks again. */
    List<Suspect> suspects(long now) {
        List<Suspect> suspects = new ArrayList<>();
        for (Peer peer : List.copyOf(peers.values())) {
            boolean isClosed = closed.contains(peer.incarnation());
            if (!peer.tried() && (isOver(peer, now) || (isClosed && isSilent(peer, now)))) {
                suspects.add(new Suspect(peer.incarnation(), isClosed));
                peers.put(peer.incarnation().node(), new Peer(peer.row(), peer.readAt(), peer.seenAt(), true));
            }
        }
        return suspects;
    }

    /** The store's clock may have been set forward, so that all leases seem over; or back, so that none ever is. */
    private boolean isOver(Peer peer, long now) {
        long unseen = now - Math.max(peer.seenAt(), steadySince);
        boolean byTheStore = peer.age(now) > peer.row().lease().toNanos();
        boolean clockWentBack = peer.row().age().plus(peer.row().lease()).isNegative();
        return (byTheStore && unseen >= times.sight()) || (clockWentBack && unseen >= times.lease());
    }

    private boolean isSilent(Peer peer, long now) {
        return peer.age(now) > peer.row().lease().toNanos() / 4 && now - steadySince >= times.silence();
    }

    List<Member> members() {
        return peers.values().stream().map(peer -> peer.row().member()).toList();
    }

    Set<Incarnation> incarnations() {
        return peers.values().stream().map(Peer::incarnation).collect(Collectors.toSet());
    }
}
