package io.signalbox.verticles.membership;

import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Listener;
import io.signalbox.bus.cluster.ClusterView.Shard;
import io.signalbox.bus.cluster.PeerHints;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Membership of this node in its cluster. Deployed before the services that need an incarnation; undeployed after them.
 * {@link #view}, {@link #hints}, {@link #ready} and {@link #drain} are thread-safe, the rest is confined to its event loop.
 */
public final class MembershipVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(MembershipVerticle.class);

    /** So many ticks in a lease. */
    private static final int TICKS = 60;

    private final MembershipStore store;
    private final NodeProfile profile;
    private final Map<String, Integer> shardCounts;
    private final Duration lease;
    private final LongSupplier nanoClock;
    private final Membership membership;
    private final PublishedView view;
    private final Promise<Void> joined = Promise.promise();
    private final Promise<Void> drained = Promise.promise();
    private final Promise<Void> left = Promise.promise();
    private final Queue<Effect> wanted = new ArrayDeque<>();
    private boolean running;
    private boolean draining;
    private long timer;

    /**
     * @param shardCounts how many shards each kind of work has; what is there already is never made fewer
     * @param lease the same on all nodes, 1 s or more; 3 s notices a hung node within 5 s
     * @param nanoClock a clock that never goes back, such as {@code System::nanoTime}
     */
    public MembershipVerticle(
            MembershipStore store,
            NodeProfile profile,
            Map<String, Integer> shardCounts,
            Duration lease,
            LongSupplier nanoClock) {
        this.store = store;
        this.profile = profile;
        this.shardCounts = Map.copyOf(shardCounts);
        this.lease = lease;
        this.nanoClock = nanoClock;
        this.membership = new Membership(profile, shardCounts.keySet(), lease);
        this.view = new PublishedView(nanoClock);
    }

    public ClusterView view() {
        return view;
    }

    /** For the links between nodes. */
    public PeerHints hints() {
        return new PeerHints() {
            @Override
            public void peerOpened(String node) {
                later(now -> membership.peerOpened(node, now));
            }

            @Override
            public void peerClosed(String node) {
                later(now -> membership.peerClosed(node, now));
            }
        };
    }

    /** The node is complete: it may own shards from here on. */
    public void ready() {
        later(membership::ready);
    }

    /**
     * Lets the others know that the node goes, and gives its shards away.
     *
     * @return completes when it has none any more, or after a lease
     */
    public Future<Void> drain() {
        later(now -> {
            draining = true;
            return membership.drain(now);
        });
        return drained.future().timeout(lease.toMillis(), TimeUnit.MILLISECONDS).otherwiseEmpty();
    }

    private void later(Function<Long, List<Effect>> input) {
        context.runOnContext(ignored -> run(input));
    }

    /** Completes when the node has joined. Fails with a {@code StoreException}. */
    @Override
    public Future<?> start() {
        List<Future<Void>> added = shardCounts.entrySet().stream()
                .map(kind -> store.addShards(kind.getKey(), kind.getValue()))
                .toList();
        return Future.all(added).compose(done -> {
            run(membership::start);
            timer = vertx.setPeriodic(Math.max(1, lease.toMillis() / TICKS), ignored -> run(membership::tick));
            return joined.future();
        });
    }

    /** Leaves the cluster, so that others need not wait for the lease to end. */
    @Override
    public Future<?> stop() {
        run(membership::leave);
        return left.future()
                .timeout(lease.toMillis(), TimeUnit.MILLISECONDS)
                .otherwiseEmpty()
                .onComplete(done -> vertx.cancelTimer(timer));
    }

    private void run(Function<Long, List<Effect>> input) {
        wanted.addAll(input.apply(nanoClock.getAsLong()));
        view.publish(membership);
        if (running) {
            return;
        }
        running = true;
        try {
            while (!wanted.isEmpty()) {
                perform(wanted.poll());
            }
        } finally {
            running = false;
        }
        if (draining && membership.hasNoShards()) {
            drained.tryComplete();
        }
        if (membership.hasEnded()) {
            drained.tryComplete();
            left.tryComplete();
        }
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.StoreCall call -> ask(call);
            case Effect.Act act -> act(act.incarnation());
            case Effect.StopActing stop -> {
                log.atLevel(stop.reason() == Effect.Reason.LEFT ? Level.INFO : Level.WARN)
                        .log(
                                "Node {} does not act: {}",
                                profile.id(),
                                stop.reason().text());
                tell(listener -> listener.notActing(stop.reason().text()));
            }
            case Effect.PeerUp up -> {
                log.info(
                        "Node {} is there, incarnation {}",
                        up.peer().id(),
                        up.peer().incarnation());
                tell(listener -> listener.peerUp(up.peer()));
            }
            case Effect.PeerDown down -> {
                log.info(
                        "Node {}, incarnation {}, is no more",
                        down.peer().id(),
                        down.peer().incarnation());
                tell(listener -> listener.peerDown(down.peer()));
            }
            case Effect.PeerDraining draining -> tell(listener -> listener.peerDraining(draining.peer()));
            case Effect.ShardsGained gained -> {
                log.debug("Shards gained: {}", gained.epochs());
                tell(listener -> listener.shardsGained(gained.epochs()));
            }
            case Effect.ShardsLeaving leaving -> leave(leaving.shards());
            case Effect.ShardsLost lost -> {
                log.debug("Shards lost: {}", lost.shards());
                tell(listener -> listener.shardsLost(lost.shards()));
            }
        }
    }

    private void act(int incarnation) {
        log.info("Node {} acts as incarnation {}", profile.id(), incarnation);
        joined.tryComplete();
        tell(listener -> listener.acting(incarnation));
    }

    /** Whoever does not stop in time is stopped by the epoch of the next owner. Listeners complete on event loops of their own. */
    private void leave(Set<Shard> shards) {
        List<? extends Future<?>> stops = view.listeners().stream()
                .map(listener -> listener.shardsLeaving(shards))
                .toList();
        Future.join(stops)
                .timeout(lease.toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(done -> later(now -> membership.stopped(shards, now)));
    }

    private void tell(Consumer<Listener> news) {
        view.listeners().forEach(news);
    }

    private void ask(Effect.StoreCall call) {
        switch (call) {
            case Effect.Join join ->
                store.join(profile, lease, join.last())
                        .onFailure(joined::tryFail)
                        .onComplete(answer -> answered(answer, membership::joined));
            case Effect.Renew renew ->
                store.renew(renew.self(), renew.state(), lease)
                        .onComplete(answer -> answered(answer, membership::renewed));
            case Effect.Fence fence ->
                store.fence(fence.self(), fence.suspects()).onComplete(answer -> answered(answer, membership::fenced));
            case Effect.ReadShards ignored ->
                store.readShards().onComplete(answer -> answered(answer, membership::shardsRead));
            case Effect.ClaimShards claim -> done(store.claimShards(claim.self(), claim.shards()));
            case Effect.ReleaseShards release -> done(store.releaseShards(release.self(), release.shards()));
            case Effect.Leave leave -> done(store.leave(leave.self()));
        }
    }

    private interface Outcome<T> {
        List<Effect> of(T answer, long now);
    }

    private <T> void answered(AsyncResult<T> answer, Outcome<T> outcome) {
        Optional<T> known = answer.succeeded() ? Optional.of(answer.result()) : Optional.empty();
        if (answer.failed()) {
            log.debug("Membership was not answered: {}", answer.cause().toString());
        }
        run(now -> known.map(result -> outcome.of(result, now)).orElseGet(() -> membership.failed(now)));
    }

    private void done(Future<Void> call) {
        call.map(true).onComplete(answer -> answered(answer, (done, now) -> membership.done(now)));
    }
}
