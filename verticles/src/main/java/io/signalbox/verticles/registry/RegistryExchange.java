package io.signalbox.verticles.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentsSeen;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.signalbox.codecs.internal.ListOwnAgents;
import io.signalbox.codecs.internal.OwnAgent;
import io.signalbox.codecs.internal.OwnAgents;
import io.signalbox.codecs.internal.RegistryNews;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.registry.AgentReplicas.Numbered;
import io.signalbox.verticles.registry.AgentReplicas.Outcome;
import io.signalbox.verticles.registry.AgentReplicas.Page;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the registries of other nodes what changes here, and hears what changes there. Confined to its event loop. */
final class RegistryExchange {
    private static final Logger log = LoggerFactory.getLogger(RegistryExchange.class);
    private static final String CHANGES = "$sys/registry/changes";
    private static final String OF_NODE = "$sys/registry/of/";
    private static final Duration TICK = Duration.ofMillis(200);
    private static final int TICKS_PER_DIGEST = 5;

    /** Within so many other nodes know when an agent was last heard. */
    private static final int TICKS_PER_ROUND = 25;

    private static final int PAGE = 500;
    private static final int HIGHEST_PRIORITY = 9;
    private static final int LOWEST_PRIORITY = 0;

    /** The registry of this node. */
    interface Registry {
        /** An agent of another node was heard there. */
        void agentSeen(String agent, long generation, Instant lastSeen);

        /** An agent of another node has changed. */
        void agentChanged(LiveAgent agent);

        void definitionPublished(DefinitionVersion version);

        /** That this node applies. */
        long fleetRevision();

        /** Another node applies the directives of this revision. */
        void heardOfFleet(long revision);

        /** Versions that it knows. */
        int definitions();

        /** Another node knows versions that this one does not. */
        void loadDefinitions();
    }

    private final Context context;
    private final MessageBus bus;
    private final BusServices services;
    private final BusConfig config;
    private final String node;
    private final ClusterView view;
    private final AgentReplicas replicas;
    private final Generations generations;
    private final Registry registry;
    private final InstantSource clock;
    private final SeenRound seen = new SeenRound(TICKS_PER_ROUND);
    private final List<Subscription> subscriptions = new ArrayList<>();
    private long timer;
    private long ticks;

    RegistryExchange(
            Context context,
            MessageBus bus,
            BusServices services,
            BusConfig config,
            String node,
            ClusterView view,
            AgentReplicas replicas,
            Generations generations,
            Registry registry,
            InstantSource clock) {
        this.context = context;
        this.bus = bus;
        this.services = services;
        this.config = config;
        this.node = node;
        this.view = view;
        this.replicas = replicas;
        this.generations = generations;
        this.registry = registry;
        this.clock = clock;
    }

    void start() {
        HandOver news = new HandOver(context, config.maxQueued());
        subscriptions.add(bus.subscribe(new AddressPattern(CHANGES), "", news.to(this::heard)));
        subscriptions.add(services.serve(context, OF_NODE + node, this::answer));
        timer = context.owner().setPeriodic(TICK.toMillis(), ignored -> tick());
        view.listen(new ClusterView.Listener() {
            @Override
            public void peerDown(Member peer) {
                context.runOnContext(ignored -> down(peer));
            }
        });
    }

    void stop() {
        context.owner().cancelTimer(timer);
        subscriptions.forEach(Subscription::close);
    }

    /** An agent of this node has changed. */
    void tell(LiveAgent agent) {
        publish(news(replicas.ownChanged(agent)).setAgent(agent.info()).build());
    }

    void tell(DefinitionVersion version) {
        publish(version);
    }

    private RegistryNews.Builder news(long sequence) {
        return RegistryNews.newBuilder()
                .setNode(node)
                .setIncarnation(view.incarnation())
                .setSequence(sequence)
                .setDefinitions(registry.definitions())
                .setFleetRevision(registry.fleetRevision());
    }

    /** What a peer misses of this it fetches. */
    private void publish(MessageLite content) {
        publish(content, HIGHEST_PRIORITY);
    }

    private void publish(MessageLite content, int priority) {
        OfferResult result = bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress(CHANGES)
                .setType(content.getClass().getSimpleName())
                .setPriority(priority)
                .setSource(node)
                .setPayload(content.toByteString())
                .build()));
        if (result == OfferResult.BACK_PRESSURED) {
            log.debug("Not every node has room for a change");
        }
    }

    private void tick() {
        replicas.tick(clock.instant()).forEach(registry::agentChanged);
        if (++ticks % TICKS_PER_DIGEST == 0) {
            tellWhereThisNodeStands();
        }
        tellSeen(seen.next(this::ownAfter, replicas.ownAgents(), clock.instant()));
    }

    private List<LiveAgent> ownAfter(String id, int limit) {
        return replicas.ownAfter(id, limit).stream().map(Numbered::agent).toList();
    }

    /** What is lost is told again when the agent is heard again. */
    private void tellSeen(List<LiveAgent> agents) {
        AgentsSeen.Builder told = AgentsSeen.newBuilder().setNode(node);
        for (LiveAgent agent : agents) {
            told.addAgents(agent.id())
                    .addGenerations(agent.generation())
                    .addLastSeenMs(agent.lastSeen().toEpochMilli());
        }
        if (!agents.isEmpty()) {
            publish(told.build(), LOWEST_PRIORITY);
        }
    }

    private void heard(AgentsSeen told) {
        int agents = Math.min(told.getAgentsCount(), Math.min(told.getGenerationsCount(), told.getLastSeenMsCount()));
        for (int i = 0; i < agents; i++) {
            registry.agentSeen(told.getAgents(i), told.getGenerations(i), Instant.ofEpochMilli(told.getLastSeenMs(i)));
        }
    }

    /** Whoever is behind in anything fetches it. */
    void tellWhereThisNodeStands() {
        publish(news(replicas.ownSequence()).setAgents(replicas.ownAgents()).build());
    }

    private void down(Member peer) {
        if (!peer.id().equals(node)) {
            replicas.peerDown(peer.id(), peer.incarnation(), clock.instant()).forEach(registry::agentChanged);
        }
    }

    private void heard(EncodedMessage message) {
        Message told = message.decode();
        if (told.getSource().equals(node)) {
            return;
        }
        try {
            switch (told.getType()) {
                case "DefinitionVersion" ->
                    registry.definitionPublished(DefinitionVersion.parseFrom(told.getPayload()));
                case "AgentsSeen" -> heard(AgentsSeen.parseFrom(told.getPayload()));
                default -> heard(RegistryNews.parseFrom(told.getPayload()));
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("Another registry told something that does not parse", e);
        }
    }

    private void heard(RegistryNews news) {
        if (news.getDefinitions() > registry.definitions()) {
            registry.loadDefinitions();
        }
        registry.heardOfFleet(news.getFleetRevision());
        String peer = news.getNode();
        Outcome outcome = news.hasAgent()
                ? replicas.changed(
                        peer, news.getIncarnation(), news.getSequence(), known(news.getAgent()), clock.instant())
                : replicas.digest(peer, news.getIncarnation(), news.getSequence(), news.getAgents(), clock.instant());
        perform(peer, outcome, "");
    }

    private LiveAgent known(AgentInfo info) {
        generations.heard(info.getGeneration());
        return LiveAgent.of(info);
    }

    private void perform(String peer, Outcome outcome, String nextCursor) {
        outcome.changes().forEach(registry::agentChanged);
        outcome.superseded().forEach(this::tell);
        switch (outcome.fetch()) {
            case NOTHING -> {}
            case FIRST_PAGE -> fetch(peer, "");
            case NEXT_PAGE -> fetch(peer, nextCursor);
        }
    }

    private void fetch(String peer, String cursor) {
        ListOwnAgents request =
                ListOwnAgents.newBuilder().setCursor(cursor).setLimit(PAGE).build();
        services.call(OF_NODE + peer, request, OwnAgents.parser(), config.requestTimeout())
                .onSuccess(answer -> perform(peer, fetched(peer, answer), answer.getNextCursor()))
                .onFailure(cause -> {
                    log.debug("The agents of node {} could not be fetched: {}", peer, cause.toString());
                    replicas.fetchFailed(peer);
                });
    }

    private Outcome fetched(String peer, OwnAgents answer) {
        List<Numbered> agents = answer.getAgentsList().stream()
                .map(each -> new Numbered(known(each.getAgent()), each.getSequence()))
                .toList();
        boolean last = answer.getNextCursor().isEmpty();
        return replicas.fetched(
                peer, new Page(answer.getIncarnation(), answer.getSequence(), agents, last), clock.instant());
    }

    private Future<OwnAgents> answer(String type, EncodedMessage request) {
        if (!type.equals("ListOwnAgents")) {
            return Future.failedFuture(new ServiceException(Code.UNSUPPORTED, "registries do not ask for " + type));
        }
        try {
            return Future.succeededFuture(page(ListOwnAgents.parseFrom(request.payload())));
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(new ServiceException(Code.MALFORMED, type + " does not parse"));
        }
    }

    private OwnAgents page(ListOwnAgents request) {
        int limit = Math.clamp(request.getLimit(), 1, PAGE);
        List<Numbered> own = replicas.ownAfter(request.getCursor(), limit);
        OwnAgents.Builder page =
                OwnAgents.newBuilder().setIncarnation(view.incarnation()).setSequence(replicas.ownSequence());
        own.forEach(each -> page.addAgents(
                OwnAgent.newBuilder().setAgent(each.agent().info()).setSequence(each.sequence())));
        if (own.size() == limit) {
            page.setNextCursor(own.getLast().agent().id());
        }
        return page.build();
    }
}
