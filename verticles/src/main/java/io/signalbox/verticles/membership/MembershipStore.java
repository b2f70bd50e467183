package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The truth about who may act. Leases go by the store's clock. Thread-safe. A failed future carries a {@code StoreException};
 * unless its kind is {@code UNAVAILABLE} the call may have been done, or may be done later.
 */
public interface MembershipStore {

    /** One of a node's incarnations. It has ended when it was fenced, has left, or the node has a greater one. */
    record Incarnation(String node, int number) {}

    /**
     * @param last incarnation of this process, which has stopped: joins only if no other process has since; 0: for the
     *     first time, whoever was there before
     * @return a positive 31-bit number, greater than every incarnation and epoch before; empty: another process has joined
     */
    Future<Optional<Integer>> join(NodeProfile profile, Duration lease, int last);

    /** Extends the lease, also one that is over, as long as the incarnation has not ended; and reads the cluster. */
    Future<Renewal> renew(Incarnation self, State state, Duration lease);

    /**
     * @param granted false: the incarnation has ended
     * @param rows of all nodes that are neither fenced nor gone; the own one may be as before the renewal
     * @param shardsVersion differs whenever a shard has changed
     */
    record Renewal(boolean granted, List<NodeRow> rows, long shardsVersion) {}

    /**
     * @param renewal changes with each renewal; means nothing else
     * @param age since the last renewal, by the store's clock
     * @param lease as granted then
     */
    record NodeRow(Member member, long renewal, Duration age, Duration lease) {
        Incarnation incarnation() {
            return new Incarnation(member.id(), member.incarnation());
        }
    }

    /**
     * Ends incarnations whose lease is over or, if their links are closed, that have not renewed for a quarter of it.
     *
     * @param self must hold its lease, else nothing is done
     * @return those that were ended by this call
     */
    Future<Set<Incarnation>> fence(Incarnation self, List<Suspect> suspects);

    /** @param closed its links were closed */
    record Suspect(Incarnation incarnation, boolean closed) {}

    /** The node has stopped acting: its shards may be taken at once. */
    Future<Void> leave(Incarnation self);

    /** Adds what is missing of {@code count} shards of a kind. */
    Future<Void> addShards(String kind, int count);

    Future<List<ShardRow>> readShards();

    /** @param owner a node's id; empty: nobody owns it, and {@code incarnation} is 0 */
    record ShardRow(Shard shard, String owner, int incarnation, int epoch) {
        boolean isOwnedBy(Incarnation node) {
            return owner.equals(node.node()) && incarnation == node.number();
        }
    }

    /**
     * Takes those shards that are still as given and that nobody owns, or whose owner's incarnation has ended and whose lease
     * is over. Waits for what the former owner is writing under them. Each gets a new epoch; {@link #readShards} tells which.
     *
     * @param self must be live and hold its lease, else nothing is done
     */
    Future<Void> claimShards(Incarnation self, List<ShardRow> shards);

    /** Gives those shards back that are still as given. */
    Future<Void> releaseShards(Incarnation self, List<ShardRow> shards);
}
