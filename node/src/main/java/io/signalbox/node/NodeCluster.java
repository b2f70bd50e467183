package io.signalbox.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.cluster.ClusterMessageBus;
import io.signalbox.bus.cluster.ClusterOptions;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.LinkLimits;
import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.PeerEvent;
import io.signalbox.bus.cluster.PeerHints;
import io.signalbox.bus.cluster.tcp.PeerTls;
import io.signalbox.bus.cluster.tcp.TcpTransport;
import io.signalbox.config.ClusterConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's links to the others of its cluster. Membership says who they are; unless {@code cluster.enabled} there are none,
 * and the bus is of this node alone. Thread-safe.
 */
final class NodeCluster {
    private static final Logger log = LoggerFactory.getLogger(NodeCluster.class);
    private static final int BATCH_BYTES = 64 * 1024;

    private final String node;
    private final ClusterConfig config;
    private final int port;

    /** @throws NodeException when the node cannot listen for others as configured */
    NodeCluster(String node, ClusterConfig config) {
        this.node = node;
        this.config = config;
        this.port = config.enabled() ? freePort() : 0;
    }

    private int freePort() {
        try (ServerSocket probe = new ServerSocket(config.port(), 1, InetAddress.getByName(config.host()))) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw cannotListen(e);
        }
    }

    private NodeException cannotListen(Throwable cause) {
        return new NodeException(
                "The node cannot listen for other nodes on " + config.host() + ":" + config.port() + ": "
                        + cause.getMessage() + ". Stop what listens there, or set cluster.host or cluster.port.",
                cause);
    }

    /** Where peers find this node; empty: nowhere. */
    String address() {
        if (!config.enabled()) {
            return "";
        }
        String host = config.advertisedHost().orElse(config.host());
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Why the node must not work beside one of the others: they share a database, and are not linked. */
    Optional<String> stranger(ClusterView view) {
        return view.members().stream()
                .filter(member -> !member.id().equals(node))
                .filter(member -> !config.enabled() || member.address().isEmpty())
                .map(member ->
                        "Node " + member.id() + " works with this database, too, and the two are not linked. Set "
                                + "cluster.enabled on both, or give each its own database.")
                .findFirst();
    }

    /**
     * Makes the bus. Call when the node has joined.
     *
     * @param hints are told of links
     * @param gone told, on an event loop, of nodes that cannot be reached any more
     * @param started gets what must be stopped
     */
    Future<MessageBus> bus(
            Vertx vertx,
            ClusterView view,
            PeerHints hints,
            Consumer<String> gone,
            RandomGenerator random,
            InstantSource clock,
            MeterRegistry meters,
            Consumer<ClusterMessageBus> started) {
        LocalMessageBus local = new LocalMessageBus(random, meters);
        if (!config.enabled()) {
            return Future.succeededFuture(local);
        }
        TcpTransport transport = new TcpTransport(
                vertx, new TcpTransport.Options(config.name(), node, config.host(), port, tls()), random);
        LinkLimits limits =
                new LinkLimits(config.maxWaiting().bytes(), config.window().bytes(), BATCH_BYTES);
        ClusterOptions options = new ClusterOptions(view.incarnation(), limits, SharedAddresses::isShared);
        ClusterMessageBus bus = new ClusterMessageBus(local, vertx, transport, options, random, clock, meters);
        return bus.start()
                .recover(cause -> Future.failedFuture(cannotListen(cause)))
                .compose(listening -> {
                    started.accept(bus);
                    view.listen(new Links(bus, view));
                    return bus.watch(event -> linkChanged(event, hints, gone));
                })
                .compose(watching -> bus.peers(peers(view)))
                .map(bus);
    }

    private Optional<PeerTls> tls() {
        if (config.tlsCertificateFile().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(PeerTls.read(
                    config.tlsCertificateFile().get(),
                    config.tlsKeyFile().orElseThrow(),
                    config.tlsAuthorityFile().orElseThrow()));
        } catch (IOException e) {
            throw new NodeException("TLS between nodes: " + e.getMessage(), e);
        }
    }

    private static void linkChanged(PeerEvent event, PeerHints hints, Consumer<String> gone) {
        switch (event) {
            case PeerEvent.Up up -> {
                log.info("Linked with node {}", up.peer());
                hints.peerOpened(up.peer());
            }
            case PeerEvent.Down down -> {
                log.warn("The link with node {} is lost", down.peer());
                hints.peerClosed(down.peer());
                gone.accept(down.peer());
            }
        }
    }

    private List<PeerAddress> peers(ClusterView view) {
        if (!config.members().isEmpty()) {
            return config.members().stream().map(PeerAddress::parse).toList();
        }
        return view.members().stream()
                .filter(member -> !member.address().isEmpty())
                .map(member -> PeerAddress.parse(member.id() + "=" + member.address()))
                .toList();
    }

    /** Follows membership. Called on its event loop. */
    private final class Links implements ClusterView.Listener {
        private final ClusterMessageBus bus;
        private final ClusterView view;
        private int incarnation;

        Links(ClusterMessageBus bus, ClusterView view) {
            this.bus = bus;
            this.view = view;
            this.incarnation = view.incarnation();
        }

        @Override
        public void peerUp(Member peer) {
            bus.peers(peers(view));
        }

        @Override
        public void peerDown(Member peer) {
            bus.peers(peers(view));
        }

        @Override
        public void acting(int now) {
            if (now != incarnation) {
                incarnation = now;
                bus.rejoin(now);
            }
        }
    }
}
