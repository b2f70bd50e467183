package io.signalbox.verticles.registry;

import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.Subscriber;
import io.signalbox.bus.cluster.ClusterMessageBus;
import io.signalbox.bus.cluster.ClusterOptions;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.LinkLimits;
import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.ScriptedClusterView;
import io.signalbox.bus.cluster.tcp.TcpTransport;
import io.signalbox.bus.redis.RedisLink;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentPage;
import io.signalbox.codecs.internal.AttachAgent;
import io.signalbox.codecs.internal.ListAgents;
import io.signalbox.codecs.proto.Attach;
import io.signalbox.config.BusConfig;
import io.signalbox.config.NodeKind;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.RegistryConfig;
import io.signalbox.verticles.postgres.PostgresStore;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A registry with a Vert.x and a bus of its own, linked to others over sockets. */
final class RegistryNode {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LOST_NODE_GRACE = Duration.ofSeconds(2);
    private static final LinkLimits LIMITS = new LinkLimits(16_000_000, 4_000_000, 65_536);
    private static final Duration PRESENCE = Duration.ofMinutes(5);

    /** Who is there, as the tests say. */
    static final class Cluster {
        private final Map<String, ScriptedClusterView> views = new ConcurrentHashMap<>();

        ScriptedClusterView join(ClusterView.Member member) {
            return views.computeIfAbsent(member.id(), id -> new ScriptedClusterView(member.incarnation()));
        }

        void leave(ClusterView.Member member) {
            views.remove(member.id());
            views.values().forEach(view -> view.listeners().forEach(listener -> listener.peerDown(member)));
        }
    }

    /** Loses what registries tell each other, when the test says so. */
    private final class LossyBus implements MessageBus {
        @Override
        public OfferResult publish(EncodedMessage message) {
            boolean lost = loses && message.address().equals("$sys/registry/changes");
            return lost ? OfferResult.NO_ROUTE : bus.publish(message);
        }

        @Override
        public OfferResult send(EncodedMessage message) {
            return bus.send(message);
        }

        @Override
        public boolean hasSubscribers(String address) {
            return bus.hasSubscribers(address);
        }

        @Override
        public Subscription subscribe(AddressPattern pattern, String group, Subscriber subscriber) {
            return bus.subscribe(pattern, group, subscriber);
        }
    }

    final String name;
    final PresenceStore presence;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    /** What was told on this node. */
    final Queue<AgentInfo> told = new ConcurrentLinkedQueue<>();

    private final Vertx vertx = Vertx.vertx();
    private final Cluster cluster;
    private final ClusterView.Member member;
    private final TcpTransport transport;
    private final ClusterMessageBus bus;
    private final BusServices services;
    private volatile boolean loses;

    RegistryNode(String name, int incarnation, Cluster cluster, PostgresStore postgres, RedisConfig redis) {
        this.name = name;
        this.cluster = cluster;
        this.member = new ClusterView.Member(name, incarnation, NodeKind.PRIMARY, 1, "", ClusterView.State.LIVE);
        this.transport = new TcpTransport(
                vertx, new TcpTransport.Options("test", name, "127.0.0.1", 0, Optional.empty()), new Random(1));
        InstantSource clock = InstantSource.system();
        this.bus = new ClusterMessageBus(
                new LocalMessageBus(new Random(1), meters),
                vertx,
                transport,
                new ClusterOptions(
                        incarnation,
                        LIMITS,
                        address -> address.startsWith("$sys/registry/") || address.startsWith("$sys/reply/")),
                new Random(1),
                clock,
                meters);
        get(bus.start());
        BusConfig busConfig = new BusConfig(65_536, PATIENCE);
        this.services = new BusServices(bus, vertx, name, busConfig, clock, meters);
        this.presence = new RedisPresenceStore(get(RedisLink.open(vertx, redis, List.of(), new Random(1))), PRESENCE);
        bus.subscribe(new AddressPattern(RegistryVerticle.AGENTS), "", this::heard);
        get(vertx.deployVerticle(new RegistryVerticle(
                new LossyBus(),
                services,
                new PgDefinitionStore(postgres),
                new PgDirectiveStore(postgres),
                presence,
                Optional.empty(),
                name,
                cluster.join(member),
                new RegistryConfig(PRESENCE, false),
                busConfig,
                get(postgres.clock(System::nanoTime)),
                LOST_NODE_GRACE,
                100_000,
                clock,
                meters)));
    }

    private OfferResult heard(EncodedMessage message) {
        try {
            told.add(AgentChanged.parseFrom(message.payload()).getAgent());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return OfferResult.ACCEPTED;
    }

    PeerAddress address() {
        return new PeerAddress(name, "127.0.0.1", transport.port());
    }

    void link(List<RegistryNode> nodes) {
        bus.peers(nodes.stream().map(RegistryNode::address).toList());
    }

    void loseChanges(boolean lose) {
        loses = lose;
    }

    <T extends MessageLite> T ask(MessageLite request, Parser<T> answer) {
        return get(services.call(RegistryVerticle.ADDRESS, request, answer, PATIENCE));
    }

    /** Without an answer. */
    void tell(MessageLite request) {
        services.tell(RegistryVerticle.ADDRESS, request);
    }

    AgentInfo attach(Attach.Builder agent) {
        return ask(wish(agent), AgentInfo.parser());
    }

    private AttachAgent wish(Attach.Builder agent) {
        return AttachAgent.newBuilder()
                .setAttach(agent)
                .setNode(name)
                .setSubject("me")
                .setSession("session")
                .build();
    }

    /** Why it may not attach. */
    Code refusal(Attach.Builder agent) {
        return ((ServiceException)
                        failure(services.call(RegistryVerticle.ADDRESS, wish(agent), AgentInfo.parser(), PATIENCE)))
                .code();
    }

    /** All agents, by pages. */
    List<AgentInfo> agents() {
        List<AgentInfo> all = new ArrayList<>();
        AgentPage page;
        String cursor = "";
        do {
            page = ask(ListAgents.newBuilder().setLimit(1000).setCursor(cursor).build(), AgentPage.parser());
            all.addAll(page.getAgentsList());
            cursor = page.getNextCursor();
        } while (!cursor.isEmpty());
        return all;
    }

    /** As when its process is killed, and the others notice. */
    void die() {
        close();
        cluster.leave(member);
    }

    void close() {
        services.close();
        get(bus.stop());
        get(vertx.close());
    }
}
