package io.signalbox.gateway.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.Mailboxes;
import io.signalbox.bus.outbound.OutboundLimits;
import io.signalbox.bus.outbound.OutboundMetrics;
import io.signalbox.bus.outbound.OutboundQueues;
import io.signalbox.bus.retained.RetainedMessages;
import io.signalbox.bus.service.ServiceClient;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.FrameReader;
import io.signalbox.codecs.MessageReader;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.ChangePresence;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.Heartbeat;
import io.signalbox.codecs.internal.Heartbeats;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.config.BusConfig;
import io.signalbox.config.GatewayConfig;
import io.signalbox.gateway.identity.AuthenticationException;
import io.signalbox.gateway.identity.Authenticator;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The WebSocket door of one event loop: takes connections over, keeps their sessions, watches over time. Confined to its event loop. */
public final class AgentEndpoint {
    private static final Logger log = LoggerFactory.getLogger(AgentEndpoint.class);

    /** Sessions are looked at in so many groups, one after the other, once around per heartbeat. */
    private static final int GROUPS = 16;

    private static final Duration SLOWEST_TICK = Duration.ofSeconds(1);

    /** How long the registry may take to hear that the agents leave. */
    private static final Duration FAREWELL_PATIENCE = Duration.ofSeconds(1);

    /** So long an assignment that was decided on before may take to arrive. It is stored first. */
    private static final Duration STRAGGLERS = Duration.ofMillis(250);

    /** What all endpoints of a node share. */
    public record Shared(
            String node,
            MessageBus bus,
            ServiceClient services,
            Authenticator authenticator,
            GatewayConfig config,
            BusConfig busConfig,
            MailboxParts mailboxes,
            RetainedMessages retained,
            SessionDirectory sessions,
            DoorMeters meters,
            int maxConnections,
            ConnectPacer pacer,
            InstantSource clock,
            RandomGenerator random) {}

    private final Shared shared;
    private final ContextInternal context;
    private final HandOver handOver;
    private final FrameReader frames = new FrameReader();
    private final MessageReader messages = new MessageReader();
    private final OutboundMetrics outboundMeters;
    private final OutboundQueues outboundQueues;
    private final EntryBuffer outboundBatch = new EntryBuffer(PooledByteBufAllocator.DEFAULT);
    private final WebSocketReader.Scratch scratch = new WebSocketReader.Scratch();
    private final Executor afterThisTurn;
    private final Map<Greeting, AgentChannel> greetings = new HashMap<>();
    private final List<Set<AgentSession>> groups = new ArrayList<>();
    private final Set<AgentSession> suspended = new LinkedHashSet<>();
    private final Map<String, Attachment> agents = new HashMap<>();
    private final MailboxWatch mailboxWatch;
    private final RetainedReads retainedReads;
    private final Subscription agentChanges;
    private final Runnable mailboxChanges;
    private final long timer;
    private final GroupRound round;
    private final WaitingRoom waitingRoom = new WaitingRoom(System::nanoTime, this::runAfter);
    private int sessionCount;
    private int newestGroup;
    private boolean draining;

    /** Call on the event loop. */
    public AgentEndpoint(Shared shared, Context context) {
        this.shared = shared;
        this.context = (ContextInternal) context;
        this.afterThisTurn = new TurnTasks(context);
        this.handOver = new HandOver(context, shared.busConfig().maxQueued());
        this.outboundMeters = new OutboundMetrics(shared.meters().registry());
        this.outboundQueues = new OutboundQueues(
                new OutboundLimits(
                        shared.config().maxOutbound().bytes(), shared.config().slowConsumerTimeout()),
                outboundMeters);
        this.mailboxWatch = new MailboxWatch(
                shared.mailboxes(), shared.config().maxOutbound().bytes() / 2, shared.random());
        this.retainedReads = new RetainedReads(
                shared.retained(), shared.config().maxOutbound().bytes() / 4, shared.random());
        this.mailboxChanges = shared.mailboxes().sweep().listen(context, this::mailboxesChanged);
        for (int i = 0; i < GROUPS; i++) {
            groups.add(new HashSet<>());
        }
        this.agentChanges =
                shared.bus().subscribe(new AddressPattern("$sys/agents"), "", handOver.to(this::agentChanged));
        this.round = new GroupRound(GROUPS, shared.config().heartbeat(), now());
        this.timer = context.owner()
                .setPeriodic(Math.clamp(round.step().toMillis(), 5, SLOWEST_TICK.toMillis()), ignored -> tick());
    }

    /** Takes the connection of a WebSocket upgrade, or answers why not. */
    public void handle(HttpServerRequest request) {
        Optional<WireFormat> format = WireFormat.chosen(offered(request));
        Optional<Refusal> refusal = refusal(request, format);
        Greeting.Bearer bearer = Greeting.Bearer.NONE;
        ConnectPacer.Turn turn = new ConnectPacer.Now();
        if (refusal.isEmpty()) {
            turn = shared.pacer().turn(now());
            try {
                bearer = bearer(request, turn);
            } catch (AuthenticationException e) {
                refusal = Optional.of(new Refusal(401, e.getMessage()));
            }
        }
        if (refusal.isEmpty() && !shared.meters().admit(shared.maxConnections())) {
            refusal = Optional.of(new Refusal(503, "the node has all the connections it takes"));
        }
        if (refusal.isPresent()) {
            refusal.get().answer(request);
            return;
        }
        Greeting greeting = new Greeting(this, bearer, turn);
        AgentChannel channel = new AgentChannel(
                format.orElseThrow(), greeting, shared.meters(), new WebSocketReader(maxFrameBytes(), scratch));
        greetings.put(greeting, channel);
        ChannelTakeover.perform(request, format.get().protocol(), channel);
    }

    private static List<String> offered(HttpServerRequest request) {
        String header = request.getHeader("Sec-WebSocket-Protocol");
        return header == null ? List.of() : Arrays.asList(header.trim().split("\\s*,\\s*"));
    }

    /** Verified at once when the client is let in now. */
    private Greeting.Bearer bearer(HttpServerRequest request, ConnectPacer.Turn turn) throws AuthenticationException {
        String header = request.getHeader(HttpHeaderNames.AUTHORIZATION);
        if (header == null) {
            return Greeting.Bearer.NONE;
        }
        if (!header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw new AuthenticationException(Code.UNAUTHENTICATED, "the Authorization header must be a bearer token");
        }
        Greeting.Bearer unproven = new Greeting.Bearer(header.substring(7).trim(), Optional.empty());
        return turn instanceof ConnectPacer.Now ? unproven.proven(shared.authenticator()) : unproven;
    }

    private Optional<Refusal> refusal(HttpServerRequest request, Optional<WireFormat> format) {
        if (draining) {
            return Optional.of(new Refusal(503, "the node is shutting down"));
        }
        String upgrade = request.getHeader(HttpHeaderNames.UPGRADE);
        String key = request.getHeader("Sec-WebSocket-Key");
        if (request.method() != HttpMethod.GET || !"websocket".equalsIgnoreCase(upgrade) || key == null) {
            return Optional.of(new Refusal(426, "this is a WebSocket's address"));
        }
        if (!"13".equals(request.getHeader("Sec-WebSocket-Version"))) {
            return Optional.of(new Refusal(426, "WebSocket version 13 is spoken here"));
        }
        return format.isPresent()
                ? Optional.empty()
                : Optional.of(new Refusal(
                        400,
                        "offer the sub-protocol " + WireFormat.PROTO.protocol() + " or " + WireFormat.JSON.protocol()));
    }

    /** The Hello was good: a new session, or one that goes on. */
    void open(AgentChannel channel, Identity identity, String resumeToken, long helloRef, byte[] frame) {
        Optional<AgentSession> earlier = shared.sessions().take(resumeToken, identity.subject());
        String token = shared.sessions().newToken();
        if (earlier.isPresent()) {
            AgentSession session = earlier.get();
            shared.sessions().put(token, session);
            channel.listen(session);
            session.endpoint()
                    .context()
                    .emit(session, resumed -> resumed.resume(channel, identity, token, helloRef, frame));
            return;
        }
        AgentSession session = new AgentSession(this, shared.sessions().newToken(), token, identity);
        shared.sessions().put(token, session);
        groups.get(newestGroup).add(session);
        newestGroup = (newestGroup + 1) % GROUPS;
        sessionCount++;
        channel.listen(session);
        context.emit(session, begun -> begun.begin(channel, helloRef, frame));
    }

    void greeted(Greeting greeting) {
        greetings.remove(greeting);
    }

    /** The session ended while a resume of it was on its way. */
    void resumeFailed(String resumeToken) {
        shared.sessions().remove(resumeToken);
    }

    void suspended(AgentSession session) {
        suspended.add(session);
        shared.meters().suspended(1);
    }

    void resumed(AgentSession session) {
        if (suspended.remove(session)) {
            shared.meters().suspended(-1);
        }
    }

    void ended(AgentSession session) {
        resumed(session);
        shared.sessions().remove(session.resumeToken());
        if (groups.stream().anyMatch(group -> group.remove(session))) {
            sessionCount--;
        }
    }

    void attached(Attachment attachment) {
        Attachment before = agents.put(attachment.agent(), attachment);
        if (before != null) {
            supersede(before);
        }
    }

    void detached(Attachment attachment) {
        agents.remove(attachment.agent(), attachment);
    }

    private void agentChanged(EncodedMessage message) {
        try {
            AgentInfo info = AgentChanged.parseFrom(message.payload()).getAgent();
            Attachment mine = agents.get(info.getId());
            if (mine != null && info.getGeneration() > mine.generation()) {
                agents.remove(info.getId());
                supersede(mine);
            } else if (mine != null && info.getGeneration() == mine.generation()) {
                mine.changed(info);
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("The registry told something that does not parse", e);
        }
    }

    private void mailboxesChanged(Map<String, MailboxStore.Cursor> newest) {
        newest.forEach((agent, positions) ->
                Optional.ofNullable(agents.get(agent)).ifPresent(mine -> mine.lookIntoMailbox(positions)));
    }

    private static void supersede(Attachment old) {
        AgentSession session = old.session();
        session.detach(old, false);
        session.error(old.handle(), 0, Code.STALE_GENERATION, "agent " + old.agent() + " was attached anew elsewhere");
    }

    Future<Done> tellPresence(Attachment attachment, Presence presence) {
        ChangePresence change = ChangePresence.newBuilder()
                .setAgent(attachment.agent())
                .setGeneration(attachment.generation())
                .setPresence(presence)
                .build();
        return shared.services()
                .call(EntryHandler.REGISTRY, change, Done.parser(), requestTimeout())
                .onFailure(cause ->
                        log.warn("The registry was not told that agent {} is {}", attachment.agent(), presence, cause));
    }

    /** @param target called on this event loop, maybe within a publish: it takes the message in and does no more */
    Subscription subscribe(AddressPattern pattern, String group, Consumer<EncodedMessage> target) {
        return shared.bus().subscribe(pattern, group, handOver.directlyTo(target));
    }

    private void tick() {
        Instant now = now();
        Map.copyOf(greetings).forEach((greeting, channel) -> greeting.checkDeadline(channel, now));
        List.copyOf(suspended).forEach(session -> session.checkGrace(now));
        mailboxWatch.tick(now);
        retainedReads.tick();
        round.due(now).ifPresent(group -> checkGroup(groups.get(group), now));
    }

    private void checkGroup(Set<AgentSession> group, Instant now) {
        Heartbeats.Builder alive = Heartbeats.newBuilder();
        for (AgentSession session : List.copyOf(group)) {
            session.check(now);
            if (session.isAlive(now)) {
                session.attachments().stream()
                        .filter(Attachment::isAgent)
                        .forEach(agent -> alive.addHeartbeats(
                                Heartbeat.newBuilder().setAgent(agent.agent()).setGeneration(agent.generation())));
            }
        }
        if (alive.getHeartbeatsCount() > 0 && !shared.services().tell(EntryHandler.REGISTRY, alive.build())) {
            log.warn("The registry took no heartbeats of {} agents", alive.getHeartbeatsCount());
        }
    }

    /**
     * Sends every client away and waits until they are gone, so long as {@code patience} says. Before that their agents are
     * suspended, for what they were given while they change nodes would be lost, and with it an attempt of the task.
     *
     * @return never fails
     */
    public Future<Void> drain(Duration patience) {
        draining = true;
        Instant latest = now().plus(patience);
        Map.copyOf(greetings).forEach(Greeting::goAway);
        return suspendAgents()
                .compose(suspended -> {
                    sendAway();
                    Promise<Void> gone = Promise.promise();
                    whenGone(gone, latest);
                    return gone.future();
                })
                .onComplete(done -> {
                    context.owner().cancelTimer(timer);
                    agentChanges.close();
                    mailboxChanges.run();
                    handOver.close();
                });
    }

    /** Never fails. */
    private Future<Void> suspendAgents() {
        List<Future<Done>> told = new ArrayList<>();
        for (Set<AgentSession> group : groups) {
            group.forEach(session -> told.addAll(session.tellPresence(Presence.PRESENCE_SUSPENDED)));
        }
        if (told.isEmpty()) {
            return Future.succeededFuture();
        }
        Promise<Void> heard = context.promise();
        Future.join(told).onComplete(all -> heard.tryComplete());
        context.setTimer(FAREWELL_PATIENCE.toMillis(), ignored -> heard.tryComplete());
        return heard.future()
                .compose(done -> context.owner().timer(STRAGGLERS.toMillis(), TimeUnit.MILLISECONDS))
                .mapEmpty();
    }

    private void sendAway() {
        long spread =
                shared.pacer().reconnectSpread(shared.meters().connections()).toMillis();
        for (Set<AgentSession> group : groups) {
            List.copyOf(group)
                    .forEach(session ->
                            session.goAway(Duration.ofMillis(shared.random().nextLong(spread))));
        }
    }

    private void whenGone(Promise<Void> gone, Instant latest) {
        if (sessionCount == 0 || now().isAfter(latest)) {
            gone.complete();
        } else {
            context.owner().setTimer(10, ignored -> whenGone(gone, latest));
        }
    }

    boolean isDraining() {
        return draining;
    }

    /** Does things after what the event loop is doing now, together with what else is to be done then: one wake-up for all. */
    Executor afterThisTurn() {
        return afterThisTurn;
    }

    private void runAfter(Duration delay, Runnable task) {
        if (delay.isZero()) {
            context.runOnContext(ignored -> task.run());
        } else {
            context.setTimer(delay.toMillis(), ignored -> task.run());
        }
    }

    /** Puts durable messages into mailboxes. */
    Mailboxes mailboxes() {
        return shared.mailboxes().mailboxes();
    }

    /** Brings agents what waits in theirs. */
    MailboxWatch mailboxWatch() {
        return mailboxWatch;
    }

    RetainedReads retainedReads() {
        return retainedReads;
    }

    WaitingRoom waitingRoom() {
        return waitingRoom;
    }

    /** Of this event loop, for the frame that is being handled. */
    FrameReader frames() {
        return frames;
    }

    /** Likewise. */
    MessageReader messages() {
        return messages;
    }

    ContextInternal context() {
        return context;
    }

    String node() {
        return shared.node();
    }

    MessageBus bus() {
        return shared.bus();
    }

    ServiceClient services() {
        return shared.services();
    }

    Authenticator authenticator() {
        return shared.authenticator();
    }

    GatewayConfig config() {
        return shared.config();
    }

    int maxFrameBytes() {
        return (int) shared.config().maxFrame().bytes();
    }

    Duration requestTimeout() {
        return shared.busConfig().requestTimeout();
    }

    DoorMeters meters() {
        return shared.meters();
    }

    OutboundMetrics outboundMeters() {
        return outboundMeters;
    }

    OutboundQueues outboundQueues() {
        return outboundQueues;
    }

    /** Of this event loop, for the session that writes now. */
    EntryBuffer outboundBatch() {
        return outboundBatch;
    }

    InstantSource clock() {
        return shared.clock();
    }

    Instant now() {
        return shared.clock().instant();
    }

    RandomGenerator random() {
        return shared.random();
    }
}
