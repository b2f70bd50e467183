package io.signalbox.bus.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.Subscriber;
import io.signalbox.codecs.EncodedMessage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The bus over several nodes. A published message goes to this node's subscribers and, once, to each node that has interest
 * in it; a queue group is one over all nodes, and each member has the same chance wherever it is. What comes from a peer goes
 * to this node's subscribers alone: no message makes more than one hop. A subscription on another node is known here a
 * moment after {@code subscribe} returned there. {@code ACCEPTED} by a peer means: taken for the way to it. Thread-safe.
 */
public final class ClusterMessageBus implements MessageBus {
    private final LocalMessageBus local;
    private final RandomGenerator random;
    private final Predicate<String> isShared;
    private final ClusterNode node;
    private final RemoteRoutes routes;

    /**
     * @param transport of this bus alone
     * @param random thread-safe; chooses among the members of a queue group
     */
    public ClusterMessageBus(
            LocalMessageBus local,
            Vertx vertx,
            PeerTransport transport,
            ClusterOptions options,
            RandomGenerator random,
            InstantSource clock,
            MeterRegistry meters) {
        this.local = local;
        this.random = random;
        this.isShared = options.isShared();
        this.node = new ClusterNode(
                vertx, ((VertxInternal) vertx).createEventLoopContext(), local, transport, options, clock, meters);
        this.routes = node.routes();
    }

    /** Listens for peers. Fails when the transport cannot. */
    public Future<Void> start() {
        return node.start();
    }

    /** Leaves: peers route nothing here any more. The local part goes on. Idempotent. */
    public Future<Void> stop() {
        return node.stop();
    }

    /** Whom to be linked with from now on; this node may be among them. */
    public Future<Void> peers(Collection<PeerAddress> peers) {
        return node.peers(peers);
    }

    /** This node is a new incarnation, a greater one: for its peers as if it had restarted, while its subscribers stay. */
    public Future<Void> rejoin(long incarnation) {
        return node.rejoin(incarnation);
    }

    /** @param watcher called on the cluster's event loop; must not block */
    public Future<Void> watch(Consumer<PeerEvent> watcher) {
        return node.watch(watcher);
    }

    /** Peers that are up now. */
    public Set<String> peersUp() {
        return node.up();
    }

    @Override
    public OfferResult publish(EncodedMessage message) {
        List<Route> remote = remote(message.address());
        if (remote.isEmpty()) {
            return local.publish(message);
        }
        return local.count(new Spread(local, random, message, remote).publish());
    }

    @Override
    public OfferResult send(EncodedMessage message) {
        List<Route> remote = remote(message.address());
        if (remote.isEmpty()) {
            return local.send(message);
        }
        return local.count(new Spread(local, random, message, remote).send());
    }

    @Override
    public boolean hasSubscribers(String address) {
        return local.hasSubscribers(address) || routes.hasExactly(address) && isShared.test(address);
    }

    private List<Route> remote(String address) {
        List<Route> found = routes.match(address);
        return found.isEmpty() || !isShared.test(address) ? List.of() : found;
    }

    @Override
    public Subscription subscribe(AddressPattern pattern, String group, Subscriber subscriber) {
        Subscription subscription = local.subscribe(pattern, group, subscriber);
        if (!isShared.test(pattern.text())) {
            return subscription;
        }
        node.subscriptionsChanged(pattern);
        return new SharedSubscription(subscription);
    }

    private final class SharedSubscription implements Subscription {
        private final Subscription subscription;

        SharedSubscription(Subscription subscription) {
            this.subscription = subscription;
        }

        @Override
        public AddressPattern pattern() {
            return subscription.pattern();
        }

        @Override
        public String group() {
            return subscription.group();
        }

        @Override
        public void close() {
            subscription.close();
            node.subscriptionsChanged(pattern());
        }
    }
}
