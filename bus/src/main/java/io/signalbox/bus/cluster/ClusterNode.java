package io.signalbox.bus.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.cluster.ClusterCore.Effect;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.CodecException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shell around {@link ClusterCore}: feeds it with what comes from the transport, from publishers and from the clock, and
 * performs what it wants. All on one event loop, but for what says that it is thread-safe.
 */
final class ClusterNode implements PeerTransport.Listener {
    private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);
    private static final Duration TICK = Duration.ofMillis(250);

    /** Of changed patterns in one turn of the loop. */
    private static final int MAX_CHANGES = 4096;

    /** A part of a link's bytes may be on its way to the loop, the rest waits there. */
    private static final int HAND_OVER_PART = 4;

    private final Vertx vertx;
    private final Context context;
    private final LocalMessageBus local;
    private final PeerTransport transport;
    private final ClusterCore core;
    private final long maxHandOver;
    private final InstantSource clock;
    private final ClusterMetrics metrics;
    private final RemoteRoutes routes = new RemoteRoutes();
    private final Map<String, PeerLink> links = new ConcurrentHashMap<>();
    private final Set<String> up = ConcurrentHashMap.newKeySet();
    private final Set<AddressPattern> changed = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean changesWoken = new AtomicBoolean();
    private final List<Consumer<PeerEvent>> watchers = new ArrayList<>();
    private long timer;
    private volatile long waitingBytes;

    ClusterNode(
            Vertx vertx,
            Context context,
            LocalMessageBus local,
            PeerTransport transport,
            ClusterOptions options,
            InstantSource clock,
            MeterRegistry meters) {
        this.vertx = vertx;
        this.context = context;
        this.local = local;
        this.transport = transport;
        this.clock = clock;
        LinkLimits limits = options.limits();
        this.maxHandOver = Math.max(1, limits.maxWaiting() / HAND_OVER_PART);
        this.core = new ClusterCore(
                options.incarnation(),
                new LinkLimits(Math.max(1, limits.maxWaiting() - maxHandOver), limits.window(), limits.batch()),
                options.isShared());
        this.metrics = new ClusterMetrics(meters);
        metrics.gauges(meters, up::size, this::waitingBytes);
    }

    private long waitingBytes() {
        return waitingBytes
                + links.values().stream().mapToLong(PeerLink::waitingBytes).sum();
    }

    Future<Void> start() {
        return onLoop(() -> {
            timer = vertx.setPeriodic(TICK.toMillis(), ignored -> perform(core.tick(clock.instant())));
            return transport.start(this);
        });
    }

    Future<Void> stop() {
        return onLoop(() -> {
            vertx.cancelTimer(timer);
            return transport.stop();
        });
    }

    Future<Void> peers(Collection<PeerAddress> peers) {
        return onLoop(() -> {
            transport.peers(peers);
            return Future.succeededFuture();
        });
    }

    Future<Void> rejoin(long incarnation) {
        return onLoop(() -> {
            perform(core.rejoin(incarnation, clock.instant()));
            return Future.succeededFuture();
        });
    }

    Future<Void> watch(Consumer<PeerEvent> watcher) {
        return onLoop(() -> {
            watchers.add(watcher);
            return Future.succeededFuture();
        });
    }

    private Future<Void> onLoop(Supplier<Future<Void>> action) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(ignored -> action.get().onComplete(done));
        return done.future();
    }

    /** Thread-safe. */
    RemoteRoutes routes() {
        return routes;
    }

    /** Thread-safe. */
    Set<String> up() {
        return Set.copyOf(up);
    }

    /** This node's subscribers of the pattern are others than before. Thread-safe. */
    void subscriptionsChanged(AddressPattern pattern) {
        changed.add(pattern);
        wakeForChanges();
    }

    private void wakeForChanges() {
        if (changesWoken.compareAndSet(false, true)) {
            context.runOnContext(ignored -> tellChanges());
        }
    }

    private void tellChanges() {
        changesWoken.set(false);
        Iterator<AddressPattern> left = changed.iterator();
        for (int i = 0; i < MAX_CHANGES && left.hasNext(); i++) {
            AddressPattern pattern = left.next();
            // Taken out before it is looked at: what changes afterwards is told again.
            left.remove();
            core.interestChanged(pattern.text(), interest(pattern));
        }
        perform(core.flushInterest());
        if (!changed.isEmpty()) {
            wakeForChanges();
        }
    }

    private PatternInterest interest(AddressPattern pattern) {
        LocalMessageBus.SubscriberCounts counts = local.subscribers(pattern);
        List<PatternInterest.Group> groups = new ArrayList<>(counts.groups().size());
        counts.groups().forEach((name, members) -> groups.add(new PatternInterest.Group(name, members)));
        return PatternInterest.of(counts.plain() > 0, groups);
    }

    @Override
    public void connected(String peer) {
        perform(core.connected(peer, clock.instant()));
    }

    @Override
    public void disconnected(String peer) {
        perform(core.disconnected(peer, clock.instant()));
    }

    @Override
    public void writable(String peer) {
        flush(peer);
    }

    @Override
    public void received(String peer, ByteBuffer frame) {
        try {
            perform(core.received(peer, frame, clock.instant()));
            // It may have brought credit.
            flush(peer);
        } catch (CodecException e) {
            log.error("{} sent what is no frame: {}", peer, e.getMessage());
            transport.disconnect(peer);
        }
    }

    private void perform(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Send(String peer, byte[] frame) -> transport.send(peer, frame);
                case Effect.Deliver(String ignored, List<Parcel> parcels) -> parcels.forEach(this::deliver);
                case Effect.InterestChanged(String peer, String pattern, PatternInterest now) -> {
                    metrics.interestChanges.increment();
                    routes.change(link(peer), pattern, now);
                }
                case Effect.Up(String peer, long incarnation) -> up(peer, incarnation);
                case Effect.Down(String peer, PeerTable.Reason reason) -> down(peer, reason);
                case Effect.Lost(String peer, long messages) -> lost(peer, messages);
                case Effect.Dropped(String ignored, Lane lane) -> metrics.dropped(lane);
                case Effect.Refused ignored -> metrics.refused.increment();
                case Effect.Diverged(String peer) -> {
                    metrics.diverged.increment();
                    log.warn("What was known of the interest of {} was wrong; it is fetched again", peer);
                }
            }
        }
    }

    private PeerLink link(String peer) {
        return links.computeIfAbsent(
                peer, ignored -> new PeerLink(peer, maxHandOver, this::afterThis, new LinkSink(peer)));
    }

    private void afterThis(Runnable task) {
        context.runOnContext(ignored -> task.run());
    }

    private void up(String peer, long incarnation) {
        log.info("{} is up, incarnation {}", peer, incarnation);
        up.add(peer);
        publishState(peer);
        tell(new PeerEvent.Up(peer, incarnation));
    }

    private void down(String peer, PeerTable.Reason reason) {
        log.warn("{} is down: {}", peer, reason);
        up.remove(peer);
        publishState(peer);
        if (reason == PeerTable.Reason.SILENT) {
            // What waits in the transport would wait for as long as the peer hangs.
            transport.disconnect(peer);
        }
        tell(new PeerEvent.Down(peer));
    }

    private void tell(PeerEvent event) {
        for (Consumer<PeerEvent> watcher : watchers) {
            try {
                watcher.accept(event);
            } catch (RuntimeException e) {
                log.error("A watcher failed on {}", event, e);
            }
        }
    }

    private void lost(String peer, long messages) {
        metrics.lost.increment(messages);
        log.warn("{} messages of {} were lost on their way", messages, peer);
    }

    private void deliver(Parcel parcel) {
        metrics.received.increment();
        Target target = parcel.target();
        boolean routed = false;
        if (target.one()) {
            routed = isRouted(local.deliverToOne(parcel.message()));
        } else if (target.plain()) {
            routed = isRouted(local.deliver(parcel.message(), (pattern, group) -> false));
        }
        for (Target.Group group : target.groups()) {
            routed |=
                    isRouted(local.deliverToGroup(parcel.message(), new AddressPattern(group.pattern()), group.name()));
        }
        if (!routed) {
            metrics.unrouted.increment();
        }
    }

    /** Those without room are counted by the bus. */
    private static boolean isRouted(OfferResult result) {
        return result != OfferResult.NO_ROUTE;
    }

    /** Messages of publishers on their way to one peer. */
    private final class LinkSink implements PeerLink.Sink {
        private final String peer;

        LinkSink(String peer) {
            this.peer = peer;
        }

        @Override
        public void take(Parcel parcel) {
            metrics.sent.increment();
            if (!core.offer(peer, parcel)) {
                metrics.dropped(parcel.lane());
            }
        }

        @Override
        public void flush() {
            perform(core.takeEffects());
            ClusterNode.this.flush(peer);
        }
    }

    private void flush(String peer) {
        while (transport.isWritable(peer)) {
            Optional<byte[]> frame = core.nextBatch(peer);
            if (frame.isEmpty()) {
                break;
            }
            transport.send(peer, frame.get());
        }
        publishState(peer);
    }

    private void publishState(String peer) {
        link(peer).state(core.isUp(peer), lane -> core.room(peer, lane));
        long waiting = 0;
        for (String each : up) {
            waiting += core.waitingBytes(each);
        }
        waitingBytes = waiting;
    }
}
