package io.signalbox.load.link;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.cluster.ClusterMessageBus;
import io.signalbox.bus.cluster.ClusterOptions;
import io.signalbox.bus.cluster.LinkLimits;
import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.PeerTransport;
import io.signalbox.bus.cluster.tcp.PeerTls;
import io.signalbox.bus.cluster.tcp.TcpTransport;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One end of a link: a bus, and nothing that a node has besides. */
final class LinkNode implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final Vertx vertx;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final PeerTransport transport;
    private final ClusterMessageBus bus;

    /** How the two nodes are linked, told to the other process in one word. */
    enum Kind {
        /** As nodes are. */
        TCP,
        /** The same with mutual TLS. */
        TLS,
        /** The clustered event bus of Vert.x with Hazelcast, in the clear. */
        EVENT_BUS,
        /** The same with TLS between its members. */
        EVENT_BUS_TLS
    }

    /**
     * @param directory with certificate.pem, which is its own authority, and key.pem, where TLS wants them
     * @param memberPorts of Hazelcast: of this node, then of the other
     */
    LinkNode(String name, Kind kind, LinkLimits limits, Path directory, int[] memberPorts)
            throws IOException, TimeoutException {
        boolean eventBus = kind == Kind.EVENT_BUS || kind == Kind.EVENT_BUS_TLS;
        vertx = eventBus
                ? HazelcastVertx.create(memberPorts[0], memberPorts[1], kind == Kind.EVENT_BUS_TLS)
                        .await(2 * PATIENCE_SECONDS, TimeUnit.SECONDS)
                : Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        transport = eventBus
                ? new EventBusTransport(vertx, name)
                : tcp(name, kind == Kind.TLS ? Optional.of(read(directory)) : Optional.empty());
        bus = new ClusterMessageBus(
                new LocalMessageBus(() -> ThreadLocalRandom.current().nextLong(), meters),
                vertx,
                transport,
                new ClusterOptions(1, limits, address -> true),
                () -> ThreadLocalRandom.current().nextLong(),
                InstantSource.system(),
                meters);
        bus.start().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private TcpTransport tcp(String name, Optional<PeerTls> tls) {
        return new TcpTransport(
                vertx, new TcpTransport.Options("load", name, "127.0.0.1", 0, tls), ThreadLocalRandom.current());
    }

    private static PeerTls read(Path directory) throws IOException {
        Path certificate = directory.resolve("certificate.pem");
        return PeerTls.read(certificate, directory.resolve("key.pem"), certificate);
    }

    ClusterMessageBus bus() {
        return bus;
    }

    int port() {
        return transport instanceof TcpTransport tcp ? tcp.port() : 1;
    }

    /** @param port of no meaning for a peer that dials itself */
    void link(String peer, int port) throws TimeoutException {
        bus.peers(List.of(new PeerAddress(peer, "127.0.0.1", port))).await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    double count(String meter) {
        return meters.get(meter).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    double waitingBytes() {
        return meters.get("signalbox.bus.peer.waiting").gauge().value();
    }

    @Override
    public void close() {
        try {
            bus.stop().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            vertx.close().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the bus does not stop", e);
        }
    }
}
