package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.verticles.membership.Effect.Reason;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** What {@link Membership} knows, for everybody else. Written by one event loop, read by all. Thread-safe. */
final class PublishedView implements ClusterView {

    private record Content(
            int incarnation,
            List<Member> members,
            Map<Shard, Owner> owners,
            Map<Shard, Integer> epochs,
            Optional<Reason> whyNot,
            long actsUntil) {}

    private final LongSupplier nanoClock;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Content content = new Content(0, List.of(), Map.of(), Map.of(), Optional.of(Reason.NOT_JOINED), 0);

    PublishedView(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    void publish(Membership membership) {
        Map<Shard, Owner> owners = new HashMap<>();
        Map<Shard, Integer> epochs = new HashMap<>();
        for (ShardRow row : membership.shards()) {
            if (!row.owner().isEmpty()) {
                owners.put(row.shard(), new Owner(row.owner(), row.incarnation(), row.epoch()));
            }
            membership.epoch(row.shard()).ifPresent(epoch -> epochs.put(row.shard(), epoch));
        }
        content = new Content(
                membership.incarnation(),
                List.copyOf(membership.members()),
                owners,
                epochs,
                membership.whyNot(),
                membership.mayActUntil());
    }

    List<Listener> listeners() {
        return listeners;
    }

    @Override
    public int incarnation() {
        return content.incarnation();
    }

    @Override
    public List<Member> members() {
        return content.members();
    }

    @Override
    public Optional<Owner> owner(Shard shard) {
        return Optional.ofNullable(content.owners().get(shard));
    }

    @Override
    public OptionalInt epoch(Shard shard) {
        Content now = content;
        Integer epoch = now.epochs().get(shard);
        return epoch == null || !mayAct(now) ? OptionalInt.empty() : OptionalInt.of(epoch);
    }

    @Override
    public boolean mayAct() {
        return mayAct(content);
    }

    /** By the clock too: after a pause of the process others may ask before membership itself has noticed. */
    private boolean mayAct(Content now) {
        return now.whyNot().isEmpty() && nanoClock.getAsLong() - now.actsUntil() < 0;
    }

    @Override
    public Optional<String> whyNot() {
        Content now = content;
        return mayAct(now)
                ? Optional.empty()
                : Optional.of(now.whyNot().orElse(Reason.STORE_AWAY).text());
    }

    @Override
    public void listen(Listener listener) {
        listeners.add(listener);
    }
}
