package io.signalbox.bus.cluster;

import io.signalbox.config.NodeKind;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The cluster as this node sees it: who is there, who owns which shard, and whether this node may act. Thread-safe, and
 * answers from memory.
 */
public interface ClusterView {

    /**
     * A node of the cluster.
     *
     * @param incarnation grows with each start of any node; another one under the same id is another member
     * @param capacity published, the weight by which shards are shared out
     * @param address where peers reach it
     */
    record Member(String id, int incarnation, NodeKind kind, int capacity, String address, State state) {}

    /** Of a member. One that is gone or fenced is none. */
    enum State {
        /** Takes messages, owns no shards yet. */
        JOINING,
        LIVE,
        /** Gives its shards away and takes no new work. */
        DRAINING
    }

    /** A share of one kind of work, numbered from 0. */
    record Shard(String kind, int number) implements Comparable<Shard> {
        @Override
        public int compareTo(Shard other) {
            int byKind = kind.compareTo(other.kind);
            return byKind != 0 ? byKind : Integer.compare(number, other.number);
        }
    }

    /** @param epoch grows each time that the shard changes hands; the upper half of tokens made for it */
    record Owner(String node, int incarnation, int epoch) {}

    /** This node's incarnation; 0 before it has joined, and until it has joined again when it was fenced. */
    int incarnation();

    /** All members, this node among them. */
    List<Member> members();

    /** Who owns the shard as far as is known; its owner may be dead, and nobody may have taken over yet. */
    Optional<Owner> owner(Shard shard);

    /**
     * The epoch of a shard that this node owns and may work on at this moment. Every write carries it, for the moment
     * passes: see {@code ShardFence}.
     */
    OptionalInt epoch(Shard shard);

    /**
     * Whether this node holds its lease, by a clock that is read in this call. If not, all work on shards and everything
     * that changes the truth pauses; delivering messages to connected agents goes on.
     */
    boolean mayAct();

    /** Why it may not act, for people; empty when it may. */
    Optional<String> whyNot();

    /** From now on, until the node ends. */
    void listen(Listener listener);

    /**
     * What happens in the cluster. Called on membership's event loop, after the view has changed; must neither block nor
     * throw.
     */
    interface Listener {
        default void peerUp(Member peer) {}

        /** It is fenced or gone: what it writes is refused from here on. */
        default void peerDown(Member peer) {}

        default void peerDraining(Member peer) {}

        /** The lease is held again; {@code incarnation} differs from the last one if others may have taken over. */
        default void acting(int incarnation) {}

        default void notActing(String why) {}

        /** Work on these, under these epochs. */
        default void shardsGained(Map<Shard, Integer> epochs) {}

        /** Stop work on these; they are given away when the future completes, or after a while if it does not. */
        default Future<?> shardsLeaving(Set<Shard> shards) {
            return Future.succeededFuture();
        }

        /** Taken already: forget what is known of them, nothing about them can be written any more. */
        default void shardsLost(Set<Shard> shards) {}
    }
}
