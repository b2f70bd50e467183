package io.signalbox.verticles.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AttachAgent;
import io.signalbox.codecs.internal.ChangePresence;
import io.signalbox.codecs.internal.DefinitionVersion;
import io.signalbox.codecs.internal.DiffDefinitions;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.GetAgent;
import io.signalbox.codecs.internal.GetDefinition;
import io.signalbox.codecs.internal.Heartbeat;
import io.signalbox.codecs.internal.Heartbeats;
import io.signalbox.codecs.internal.ListSkills;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.PublishDefinition;
import io.signalbox.codecs.internal.PublishDefinitions;
import io.signalbox.codecs.internal.ResolveSkill;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.codecs.internal.SkillPage;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.signalbox.config.RegistryConfig;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registry as a service at {@value #ADDRESS}: definitions, skills, live agents. Confined to its event loop. */
public final class RegistryVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(RegistryVerticle.class);

    public static final String ADDRESS = "$sys/registry";

    /** Where every change of an agent's presence is told. */
    public static final String AGENTS = "$sys/agents";

    /** Where every new version of a definition is told. */
    public static final String DEFINITIONS = "$sys/definitions";

    private static final String CHANNELS = "$sys/channels";

    private final MessageBus bus;
    private final BusServices services;
    private final DefinitionStore store;
    private final DirectiveStore directiveStore;
    private final PresenceStore presenceStore;
    private final Optional<SentenceEmbedder> embedder;
    private final MeaningReader meaning;
    private final RegistryConfig config;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final DefinitionParser parser = new DefinitionParser();
    private final DefinitionCatalog catalog = new DefinitionCatalog();
    private final FollowedDefinitions followed = new FollowedDefinitions(catalog);
    private final String node;
    private final ClusterView view;
    private final BusConfig busConfig;
    private final LongSupplier databaseMillis;
    private final Duration lostNodeGrace;
    private final FleetDirectives directives = new FleetDirectives();
    private final AgentDirectory directory;
    private final Generations generations = new Generations();
    private final SkillListing skills;
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger suspended = new AtomicInteger();
    private PresenceWriter presence;
    private RegistryExchange peers;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private FleetService fleet;
    private Discovery discovery;
    private DefinitionPublisher publisher;
    private boolean loading;

    /**
     * @param embedder empty: nothing is searched by meaning
     * @param node this one
     * @param databaseMillis milliseconds since 1970 by the clock that all nodes share
     * @param lostNodeGrace how long agents of a dead node may take to attach to another
     * @param capacity agents that may be live at this node at once
     */
    public RegistryVerticle(
            MessageBus bus,
            BusServices services,
            DefinitionStore store,
            DirectiveStore directiveStore,
            PresenceStore presenceStore,
            Optional<SentenceEmbedder> embedder,
            String node,
            ClusterView view,
            RegistryConfig config,
            BusConfig busConfig,
            LongSupplier databaseMillis,
            Duration lostNodeGrace,
            int capacity,
            InstantSource clock,
            MeterRegistry meters) {
        this.bus = bus;
        this.services = services;
        this.store = store;
        this.directiveStore = directiveStore;
        this.presenceStore = presenceStore;
        this.embedder = embedder;
        this.meaning = new MeaningReader(embedder);
        this.node = node;
        this.view = view;
        this.config = config;
        this.busConfig = busConfig;
        this.databaseMillis = databaseMillis;
        this.lostNodeGrace = lostNodeGrace;
        this.clock = clock;
        this.meters = meters;
        this.directory = new AgentDirectory(node, capacity, directives);
        this.skills = new SkillListing(catalog, directory);
    }

    @Override
    public Future<?> start() {
        presence = new PresenceWriter(presenceStore, directory, config.presenceTimeToLive(), vertx);
        AgentReplicas replicas = new AgentReplicas(node, directory, lostNodeGrace);
        peers = new RegistryExchange(
                context, bus, services, busConfig, node, view, replicas, generations, new OfThisNode(), clock);
        fleet = new FleetService(context, directiveStore, directives, directory, new OfTheFleet(), clock);
        publisher = new DefinitionPublisher(vertx, parser, store, this::published, clock);
        discovery = new Discovery(context, catalog, directory, directives, followed, meaning);
        registerMeters();
        return fleet.load().compose(loaded -> store.load()).map(all -> {
            all.forEach(this::know);
            presence.start();
            peers.start();
            HandOver channels = new HandOver(context, busConfig.maxQueued());
            subscriptions.add(bus.subscribe(new AddressPattern(CHANNELS), "", channels.to(this::channelsMoved)));
            subscriptions.add(services.serve(context, ADDRESS, this::handle));
            return null;
        });
    }

    private void know(DefinitionStore.Stored stored) {
        know(parser.parse(utf8(stored.document())), stored);
    }

    private void know(Definition definition, DefinitionStore.Stored stored) {
        catalog.add(definition, stored);
        meaning.published(definition);
    }

    /** What other nodes tell. */
    private final class OfThisNode implements RegistryExchange.Registry {
        @Override
        public void agentSeen(String agent, long generation, Instant lastSeen) {
            directory.heard(agent, generation, lastSeen);
        }

        @Override
        public void agentChanged(LiveAgent agent) {
            announce(agent);
        }

        @Override
        public void definitionPublished(DefinitionVersion version) {
            learn(stored(version));
        }

        @Override
        public long fleetRevision() {
            return directives.revision();
        }

        @Override
        public void heardOfFleet(long revision) {
            fleet.heardOf(revision);
        }

        @Override
        public int definitions() {
            return catalog.size();
        }

        @Override
        public void loadDefinitions() {
            if (loading) {
                return;
            }
            loading = true;
            store.load()
                    .onComplete(done -> loading = false)
                    .onSuccess(all -> all.forEach(RegistryVerticle.this::learn))
                    .onFailure(cause -> log.warn("Definitions of other nodes cannot be loaded now", cause));
        }
    }

    /** What directives make of agents. */
    private final class OfTheFleet implements FleetService.Registry {
        @Override
        public void judged(LiveAgent agent) {
            announce(agent);
        }

        @Override
        public void killed(LiveAgent agent) {
            directory
                    .change(agent.id(), agent.generation(), Presence.PRESENCE_GONE, clock.instant())
                    .ifPresent(RegistryVerticle.this::changed);
        }

        @Override
        public void revised() {
            peers.tellWhereThisNodeStands();
        }
    }

    private void learn(DefinitionStore.Stored stored) {
        if (catalog.find(stored.name(), stored.version()).isEmpty()) {
            know(stored);
            broadcast(DEFINITIONS, stored.view());
        }
    }

    private static DefinitionStore.Stored stored(DefinitionVersion version) {
        return new DefinitionStore.Stored(
                version.getName(),
                version.getVersion(),
                version.getContentHash(),
                version.getDocument().toStringUtf8(),
                version.getPublisher(),
                Instant.ofEpochMilli(version.getPublishedAtMs()));
    }

    /** Who follows them has other skills; whoever has to know hears of the channels, too. */
    private void channelsMoved(EncodedMessage message) {
        try {
            FollowedChannels told = FollowedChannels.parseFrom(message.payload());
            if (followed.learn(told)) {
                directory.revise(agent -> followed.revised(agent, told.getDefinition()));
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("Channels of a definition do not parse", e);
        }
    }

    private void registerMeters() {
        Gauge.builder("signalbox.registry.agents", connected, AtomicInteger::get)
                .description("Live agents")
                .tag("presence", "connected")
                .register(meters);
        Gauge.builder("signalbox.registry.agents", suspended, AtomicInteger::get)
                .description("Live agents")
                .tag("presence", "suspended")
                .register(meters);
        Gauge.builder("signalbox.registry.directives", fleet, FleetService::standing)
                .description("Directives to the fleet that stand")
                .register(meters);
        Gauge.builder("signalbox.registry.presence.away", presence, writer -> writer.isAway() ? 1 : 0)
                .description("1 while the presence store does not take writes")
                .register(meters);
    }

    @Override
    public Future<?> stop() {
        subscriptions.forEach(Subscription::close);
        peers.stop();
        presence.stop();
        return presenceStore
                .close()
                .eventually(() -> embedder.map(SentenceEmbedder::close).orElseGet(Future::succeededFuture));
    }

    private Future<? extends MessageLite> handle(String type, EncodedMessage request) {
        try {
            return switch (type) {
                case "PublishDefinition" -> publisher.publish(PublishDefinition.parseFrom(request.payload()));
                case "PublishDefinitions" -> publisher.publish(PublishDefinitions.parseFrom(request.payload()));
                case "GetDefinition" -> answer(definition(GetDefinition.parseFrom(request.payload())));
                case "DiffDefinitions" ->
                    answer(VersionDiff.answer(DiffDefinitions.parseFrom(request.payload()), catalog));
                case "GetDefinitionSchema" -> answer(DefinitionParser.schema());
                case "ListSkills" -> answer(skills(ListSkills.parseFrom(request.payload())));
                case "ResolveSkill" -> answer(resolve(ResolveSkill.parseFrom(request.payload())));
                case "AttachAgent" -> answer(attach(AttachAgent.parseFrom(request.payload())));
                case "ChangePresence" -> answer(changePresence(ChangePresence.parseFrom(request.payload())));
                case "Heartbeats" -> answer(heartbeats(Heartbeats.parseFrom(request.payload())));
                case "GetAgent" -> answer(agent(GetAgent.parseFrom(request.payload())));
                default -> handleElsewhere(type, request);
            };
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(new ServiceException(Code.MALFORMED, type + " does not parse"));
        }
    }

    private Future<? extends MessageLite> handleElsewhere(String type, EncodedMessage request)
            throws InvalidProtocolBufferException {
        Optional<Future<? extends MessageLite>> found = discovery.handle(type, request);
        return (found.isPresent() ? found : fleet.handle(type, request))
                .orElseThrow(() -> new ServiceException(Code.UNSUPPORTED, "the registry does not do " + type));
    }

    private static Future<? extends MessageLite> answer(MessageLite answer) {
        return Future.succeededFuture(answer);
    }

    private void published(Definition definition, DefinitionStore.Stored stored) {
        if (catalog.find(definition.reference()).isEmpty()) {
            know(definition, stored);
            broadcast(DEFINITIONS, stored.view());
            peers.tell(stored.view());
        }
    }

    private DefinitionVersion definition(GetDefinition request) {
        return catalog.find(request.getName(), request.getVersion())
                .map(found -> found.stored().view())
                .orElseThrow(() -> new ServiceException(
                        Code.NOT_FOUND,
                        request.getVersion().isEmpty()
                                ? "no definition " + request.getName()
                                : "no definition " + request.getName() + "@" + request.getVersion()));
    }

    private SkillPage skills(ListSkills request) {
        int limit = Pages.limit(request.getLimit());
        List<SkillInfo> found = skills.after(request.getCursor(), limit);
        SkillPage.Builder page = SkillPage.newBuilder().addAllSkills(found);
        if (found.size() == limit) {
            page.setNextCursor(SkillListing.cursor(found.getLast()));
        }
        return page.build();
    }

    private SkillInfo resolve(ResolveSkill request) {
        return skills.resolve(request.getName(), SkillRange.parse(request.getRange()))
                .orElseThrow(() -> new ServiceException(
                        Code.NOT_FOUND, "no skill " + request.getName() + " in " + request.getRange()));
    }

    private AgentInfo attach(AttachAgent request) {
        AgentDirectory.Request wish = AttachRequests.read(request, followed);
        long generation = generations.next(databaseMillis.getAsLong(), view.incarnation());
        return switch (directory.attach(wish, generation, clock.instant())) {
            case AgentDirectory.Outcome.Refused(Code code, String message) -> throw new ServiceException(code, message);
            case AgentDirectory.Outcome.Attached attached -> {
                // The superseded registration is not told of: the greater generation says it all.
                changed(attached.agent());
                yield followed.shown(attached.agent().info());
            }
        };
    }

    /** An agent of this node. */
    private void changed(LiveAgent agent) {
        announce(agent);
        peers.tell(agent);
        presence.changed(agent);
    }

    private void announce(LiveAgent agent) {
        broadcast(
                AGENTS,
                AgentChanged.newBuilder().setAgent(followed.shown(agent.info())).build());
        connected.set(directory.connected());
        suspended.set(directory.suspended());
    }

    private Done changePresence(ChangePresence request) {
        directory
                .change(request.getAgent(), request.getGeneration(), request.getPresence(), clock.instant())
                .ifPresent(this::changed);
        return Done.getDefaultInstance();
    }

    private Done heartbeats(Heartbeats request) {
        for (Heartbeat heartbeat : request.getHeartbeatsList()) {
            if (!directory.heard(heartbeat.getAgent(), heartbeat.getGeneration(), clock.instant())) {
                tellThatItIsOver(heartbeat);
            }
        }
        return Done.getDefaultInstance();
    }

    /** Its gateway missed that, as when a directive killed it while it was attaching. */
    private void tellThatItIsOver(Heartbeat heartbeat) {
        AgentInfo.Builder over = AgentInfo.newBuilder()
                .setId(heartbeat.getAgent())
                .setGeneration(heartbeat.getGeneration())
                .setNode(node)
                .setPresence(Presence.PRESENCE_GONE);
        broadcast(AGENTS, AgentChanged.newBuilder().setAgent(over).build());
    }

    private AgentInfo agent(GetAgent request) {
        return directory
                .find(request.getId())
                .map(LiveAgent::info)
                .map(followed::shown)
                .orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no live agent " + request.getId()));
    }

    private void broadcast(String address, MessageLite content) {
        OfferResult result = bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress(address)
                .setType(content.getClass().getSimpleName())
                .setPayload(content.toByteString())
                .build()));
        if (result == OfferResult.BACK_PRESSURED) {
            log.error("A change was not told at {}: its listeners do not keep up", address);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
