package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.config.NodeKind;
import io.signalbox.verticles.membership.Effect.Reason;
import io.signalbox.verticles.membership.Effect.StoreCall;
import io.signalbox.verticles.membership.MembershipStore.Incarnation;
import io.signalbox.verticles.membership.MembershipStore.Renewal;
import io.signalbox.verticles.membership.MembershipStore.ShardRow;
import io.signalbox.verticles.membership.MembershipStore.Suspect;
import io.signalbox.verticles.membership.ShardMap.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One node's part in the cluster: joins, keeps its lease, stops by itself when it cannot, tells others dead, and moves its
 * shards to where they belong. Single writer, not thread-safe; knows no clock: {@code now} is nanoseconds of a clock that
 * only goes forward and keeps going while the process is stopped. Wall clocks play no part.
 *
 * <p>Why two nodes never work on one shard: a shard is taken only when its owner's incarnation has ended in the store, which
 * is for good, and the lease that it had is over by the store's clock. The owner counts its lease from the start of a renewal,
 * so by its own clock it has stopped before. And if it has not, its writes carry an epoch that the store refuses.
 *
 * <p>A lease that is over ends nothing by itself: when the store was away for everybody, all go on as they were.
 */
final class Membership {
    private final NodeProfile profile;
    private final LeaseTimes times;
    private final Peers peers;
    private final Shards shards;
    private ShardMap map = new ShardMap(List.of());

    private Optional<Incarnation> self = Optional.empty();
    private State wanted = State.JOINING;

    /** What the others know of this incarnation. */
    private State granted = State.JOINING;

    private Optional<Reason> whyNot = Optional.of(Reason.NOT_JOINED);

    /** Or the last one, when there is none at present; 0 before the first. */
    private int lastIncarnation;

    private boolean leaving;
    private boolean ended;

    /** Start of the last renewal that succeeded, and the time when its answer came. */
    private long leaseStart;

    private long renewedAt;

    private Optional<StoreCall> call = Optional.empty();
    private long callStart;
    private long renewAt;
    private long shardsAt;
    private long claimAt;

    Membership(NodeProfile profile, Collection<String> shardKinds, Duration lease) {
        this.profile = profile;
        this.times = LeaseTimes.of(lease);
        this.peers = new Peers(profile.id(), times);
        this.shards = new Shards(shardKinds);
    }

    List<Effect> start(long now) {
        renewAt = now;
        shardsAt = now;
        claimAt = now;
        return next(new ArrayList<>(), now);
    }

    /** Often, compared with a tenth of the lease. */
    List<Effect> tick(long now) {
        return next(lapse(now), now);
    }

    /** The node is complete: it may own shards. */
    List<Effect> ready(long now) {
        return want(State.LIVE, now);
    }

    /** Gives all shards away and lets the others know. */
    List<Effect> drain(long now) {
        return want(State.DRAINING, now);
    }

    private List<Effect> want(State state, long now) {
        wanted = state;
        renewAt = Math.min(renewAt, now);
        return tick(now);
    }

    /** For good. Whatever shards are left may be taken at once. */
    List<Effect> leave(long now) {
        leaving = true;
        renewAt = Math.min(renewAt, now);
        List<Effect> effects = stop(Reason.LEFT);
        effects.addAll(shards.loseAll());
        return next(effects, now);
    }

    List<Effect> peerOpened(String node, long now) {
        peers.opened(node);
        if (!peers.knows(node) && !node.equals(profile.id())) {
            lookSooner(now);
        }
        return tick(now);
    }

    /** But not much more often than it does anyway. */
    private void lookSooner(long now) {
        renewAt = Math.min(renewAt, Math.max(now, leaseStart + times.renewal() / 4));
    }

    List<Effect> peerClosed(String node, long now) {
        peers.closed(node);
        return tick(now);
    }

    /** Of shards that were leaving: nobody works on them any more. */
    List<Effect> stopped(Set<Shard> left, long now) {
        shards.stopped(left);
        return tick(now);
    }

    /** @param number empty: another process has joined under this id */
    List<Effect> joined(Optional<Integer> number, long now) {
        long start = finishCall();
        if (number.isEmpty()) {
            ended = true;
            return stop(Reason.SUPERSEDED);
        }
        self = Optional.of(new Incarnation(profile.id(), number.get()));
        lastIncarnation = number.get();
        granted = State.JOINING;
        leaseStart = start;
        renewedAt = now;
        renewAt = now;
        peers.unsteady(now);
        List<Effect> effects = new ArrayList<>();
        act(effects, now);
        return next(effects, now);
    }

    List<Effect> renewed(Renewal renewal, long now) {
        State state = call.get() instanceof Effect.Renew renew ? renew.state() : granted;
        long start = finishCall();
        List<Effect> effects = new ArrayList<>();
        if (renewal.granted()) {
            leaseStart = start;
            granted = state;
            renewAt = wanted == state && !leaving ? start + times.renewal() : now;
            if (now - renewedAt > times.silence()) {
                peers.unsteady(now);
            }
            renewedAt = now;
            effects.addAll(peers.read(renewal.rows(), now));
            shards.versionSeen(renewal.shardsVersion());
            act(effects, now);
            remap(effects);
        } else {
            self = Optional.empty();
            renewAt = now;
            effects.addAll(stop(Reason.FENCED));
            effects.addAll(shards.loseAll());
        }
        return next(effects, now);
    }

    /** What was not fenced has renewed, or somebody else was first. */
    List<Effect> fenced(Set<Incarnation> dead, long now) {
        if (call.get() instanceof Effect.Fence fence
                && dead.size() < fence.suspects().size()) {
            lookSooner(now);
        }
        finishCall();
        List<Effect> effects = peers.ended(dead);
        remap(effects);
        return next(effects, now);
    }

    List<Effect> shardsRead(List<ShardRow> rows, long now) {
        finishCall();
        List<Effect> effects = new ArrayList<>();
        self.ifPresent(own -> effects.addAll(shards.read(rows, own, map)));
        return next(effects, now);
    }

    /** Shards were claimed or released, or the node has left. */
    List<Effect> done(long now) {
        switch (call.get()) {
            case Effect.ClaimShards ignored -> claimAt = callStart + times.renewal();
            case Effect.Leave ignored -> ended = true;
            default -> {}
        }
        finishCall();
        shards.changed();
        return tick(now);
    }

    /** Or nobody knows whether it was done. */
    List<Effect> failed(long now) {
        switch (call.get()) {
            case Effect.Join ignored -> renewAt = callStart + times.renewal();
            case Effect.Renew ignored -> renewAt = callStart + times.renewal();
            case Effect.Leave ignored -> renewAt = callStart + times.renewal();
            case Effect.Fence ignored -> {}
            case Effect.ReadShards ignored -> shardsAt = callStart + times.renewal();
            case Effect.ClaimShards ignored -> shardsAt = callStart + times.renewal();
            case Effect.ReleaseShards ignored -> shardsAt = callStart + times.renewal();
        }
        finishCall();
        shards.changed();
        return tick(now);
    }

    private long finishCall() {
        call = Optional.empty();
        return callStart;
    }

    private List<Effect> lapse(long now) {
        if (whyNot.isEmpty() && !holdsLease(now)) {
            return stop(peers.areMostlyClosed() ? Reason.CUT_OFF : Reason.STORE_AWAY);
        }
        return new ArrayList<>();
    }

    private List<Effect> stop(Reason reason) {
        List<Effect> effects = new ArrayList<>();
        if (!whyNot.equals(Optional.of(reason))) {
            whyNot = Optional.of(reason);
            effects.add(new Effect.StopActing(reason));
        }
        return effects;
    }

    private void act(List<Effect> effects, long now) {
        if (whyNot.isPresent() && !leaving && holdsLease(now)) {
            whyNot = Optional.empty();
            effects.add(new Effect.Act(incarnation()));
        }
    }

    private boolean holdsLease(long now) {
        return self.isPresent() && now - leaseStart < times.hold();
    }

    private void remap(List<Effect> effects) {
        List<Candidate> candidates = new ArrayList<>();
        members().stream()
                .filter(member -> member.state() == State.LIVE && member.kind() != NodeKind.EDGE)
                .forEach(member -> candidates.add(new Candidate(member.id(), member.capacity())));
        map = map.of(candidates);
        self.ifPresent(own -> effects.addAll(shards.giveAway(own, map)));
    }

    private List<Effect> next(List<Effect> effects, long now) {
        if (call.isEmpty() && !ended) {
            call = choose(now);
            call.ifPresent(chosen -> {
                callStart = now;
                effects.add(chosen);
            });
        }
        return effects;
    }

    private Optional<StoreCall> choose(long now) {
        boolean due = now - renewAt >= 0;
        if (leaving) {
            ended = self.isEmpty();
            return due ? self.map(Effect.Leave::new) : Optional.empty();
        }
        if (due) {
            return Optional.of(
                    self.isEmpty() ? new Effect.Join(lastIncarnation) : new Effect.Renew(self.get(), wanted));
        }
        if (!mayAct(now)) {
            return Optional.empty();
        }
        List<Suspect> suspects = peers.suspects(now);
        return suspects.isEmpty() ? aboutShards(self.get(), now) : Optional.of(new Effect.Fence(self.get(), suspects));
    }

    private Optional<StoreCall> aboutShards(Incarnation own, long now) {
        if (now - shardsAt < 0) {
            return Optional.empty();
        }
        if (shards.isStale()) {
            return Optional.of(new Effect.ReadShards());
        }
        List<ShardRow> toRelease = shards.toRelease();
        if (!toRelease.isEmpty()) {
            return Optional.of(new Effect.ReleaseShards(own, toRelease));
        }
        if (now - claimAt < 0) {
            return Optional.empty();
        }
        List<ShardRow> toClaim = shards.toClaim(own, map, peers.incarnations());
        return toClaim.isEmpty() ? Optional.empty() : Optional.of(new Effect.ClaimShards(own, toClaim));
    }

    NodeProfile profile() {
        return profile;
    }

    boolean mayAct(long now) {
        return whyNot.isEmpty() && holdsLease(now);
    }

    /** Until when, if nothing else happens. */
    long mayActUntil() {
        return leaseStart + times.hold();
    }

    Optional<Reason> whyNot() {
        return whyNot;
    }

    /** 0: none at present. */
    int incarnation() {
        return self.map(Incarnation::number).orElse(0);
    }

    List<Member> members() {
        List<Member> members = new ArrayList<>(peers.members());
        self.ifPresent(own -> members.add(
                new Member(own.node(), own.number(), profile.kind(), profile.capacity(), profile.address(), granted)));
        return members;
    }

    /** Of a shard to work on while {@link #mayAct}. */
    OptionalInt epoch(Shard shard) {
        return shards.epoch(shard);
    }

    List<ShardRow> shards() {
        return shards.rows();
    }

    boolean hasNoShards() {
        return shards.hasNone();
    }

    /** It asks nothing of the store any more. */
    boolean hasEnded() {
        return ended;
    }
}
