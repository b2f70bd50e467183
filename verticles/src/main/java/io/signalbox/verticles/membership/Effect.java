package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import io.signalbox.verticles.membership.MembershipStore.Suspect;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@link Membership} wants done. */
sealed interface Effect {

    /** A call of the store. There is one at a time; its outcome goes back to {@link Membership}. */
    sealed interface StoreCall extends Effect {}

    /** @param last incarnation of this process, which has stopped; 0: none */
    record Join(int last) implements StoreCall {}

    record Renew(Incarnation self, State state) implements StoreCall {}

    record Fence(Incarnation self, List<Suspect> suspects) implements StoreCall {}

    record ReadShards() implements StoreCall {}

    record ClaimShards(Incarnation self, List<ShardRow> shards) implements StoreCall {}

    record ReleaseShards(Incarnation self, List<ShardRow> shards) implements StoreCall {}

    record Leave(Incarnation self) implements StoreCall {}

    /** The lease is held. */
    record Act(int incarnation) implements Effect {}

    record StopActing(Reason reason) implements Effect {}

    record PeerUp(Member peer) implements Effect {}

    record PeerDown(Member peer) implements Effect {}

    record PeerDraining(Member peer) implements Effect {}

    record ShardsGained(Map<Shard, Integer> epochs) implements Effect {}

    /** Work on them is to stop; {@link Membership#stopped} says when it has. */
    record ShardsLeaving(Set<Shard> shards) implements Effect {}

    record ShardsLost(Set<Shard> shards) implements Effect {}

    /** Why a node does not act, for people. */
    enum Reason {
        NOT_JOINED("the node has not joined the cluster yet"),
        STORE_AWAY("PostgreSQL has not confirmed the node's lease in time; others may be able to take over"),
        CUT_OFF("PostgreSQL has not confirmed the node's lease in time, and most other nodes cannot be reached either:"
                + " the node is cut off, others may have taken over"),
        FENCED("other nodes took this one for dead and may have taken over; it joins again"),
        SUPERSEDED("another process has joined under this node's id; this one does not act any more, stop it"),
        LEFT("the node has left the cluster");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }
}
