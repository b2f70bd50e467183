package io.signalbox.verticles.rollout;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.ChangeRollout;
import io.signalbox.codecs.internal.ChannelMovePage;
import io.signalbox.codecs.internal.ChannelsView;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.FollowedList;
import io.signalbox.codecs.internal.GetChannels;
import io.signalbox.codecs.internal.GetRollout;
import io.signalbox.codecs.internal.ListChannelMoves;
import io.signalbox.codecs.internal.ListRollouts;
import io.signalbox.codecs.internal.MoveStable;
import io.signalbox.codecs.internal.ReportOutcomes;
import io.signalbox.codecs.internal.RolloutPage;
import io.signalbox.codecs.internal.RolloutView;
import io.signalbox.codecs.internal.StartRollout;
import io.signalbox.codecs.proto.Message;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.rollout.Channels.Action;
import io.signalbox.verticles.rollout.Channels.Decider;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Channels of definitions and rollouts, as a service at {@value #ADDRESS} of each node. Any node takes decisions, PostgreSQL
 * says which count. Every node knows what agents are given and tells it at {@value #CHANNELS}; what it was not told by the
 * others it finds in the store within a second. Confined to its event loop.
 */
public final class RolloutVerticle extends VerticleBase {
    public static final String ADDRESS = "$sys/rollouts";

    /** Where every change of a definition's channels is told on this node. */
    public static final String CHANNELS = "$sys/channels";

    private static final Logger log = LoggerFactory.getLogger(RolloutVerticle.class);
    private static final String CHANGES = "$sys/channels/changes";
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int HIGHEST_PRIORITY = 9;
    private static final int MAX_WHY = 1000;
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 1000;

    private final MessageBus bus;
    private final BusServices services;
    private final RolloutStore store;
    private final String node;
    private final BusConfig config;
    private final MeterRegistry meters;
    private final ChannelDecisions decisions;
    private final RolloutController controller;
    private final Map<String, FollowedChannels> known = new HashMap<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private Instant lookedAt = Instant.EPOCH;
    private boolean looking;
    private long timer;

    /**
     * @param node this one
     * @param fences of the tasks' shard, by epoch
     */
    public RolloutVerticle(
            MessageBus bus,
            BusServices services,
            RolloutStore store,
            String node,
            BusConfig config,
            IntFunction<ShardFence> fences,
            InstantSource clock,
            MeterRegistry meters) {
        this.bus = bus;
        this.services = services;
        this.store = store;
        this.node = node;
        this.config = config;
        this.meters = meters;
        this.decisions = new ChannelDecisions(store, clock, this::taken);
        this.controller = new RolloutController(store, decisions, fences);
    }

    @Override
    public Future<?> start() {
        HandOver changes = new HandOver(context, config.maxQueued());
        subscriptions.add(bus.subscribe(new AddressPattern(CHANGES), "", changes.to(this::heard)));
        return look().map(done -> {
            subscriptions.add(services.serve(context, ADDRESS, this::handle));
            timer = vertx.setPeriodic(TICK.toMillis(), ignored -> tick());
            return null;
        });
    }

    @Override
    public Future<?> stop() {
        vertx.cancelTimer(timer);
        subscriptions.forEach(Subscription::close);
        return Future.succeededFuture();
    }

    private void tick() {
        controller.tick();
        if (!looking) {
            looking = true;
            look().onComplete(done -> looking = false)
                    .onFailure(cause -> log.debug("The channels cannot be read now", cause));
        }
    }

    private Future<Void> look() {
        return store.changedAfter(lookedAt).map(changes -> {
            lookedAt = changes.at();
            changes.channels().forEach(followed -> learn(RolloutMessages.followed(followed)));
            return null;
        });
    }

    private void learn(FollowedChannels channels) {
        FollowedChannels before = known.get(channels.getDefinition());
        if (before != null && before.getRevision() >= channels.getRevision()) {
            return;
        }
        known.put(channels.getDefinition(), channels);
        publish(CHANNELS, channels);
        controller.changed(channels);
    }

    private void taken(RolloutStore.Followed after, Move move) {
        Counter.builder("signalbox.rollout.decisions")
                .description("Decisions about channels and rollouts that this node took")
                .tag("action", move.action())
                .tag("by", move.evidence().isPresent() ? "signalbox" : "hand")
                .register(meters)
                .increment();
        FollowedChannels channels = RolloutMessages.followed(after);
        learn(channels);
        publish(CHANGES, channels);
    }

    private void publish(String address, MessageLite content) {
        OfferResult result = bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress(address)
                .setType(content.getClass().getSimpleName())
                .setPriority(HIGHEST_PRIORITY)
                .setSource(node)
                .setPayload(content.toByteString())
                .build()));
        if (result == OfferResult.BACK_PRESSURED) {
            log.error("A change of channels was not told at {}: a listener does not keep up", address);
        }
    }

    private void heard(EncodedMessage message) {
        try {
            learn(FollowedChannels.parseFrom(message.payload()));
        } catch (InvalidProtocolBufferException e) {
            log.error("Another node told something that does not parse", e);
        }
    }

    private Future<? extends MessageLite> handle(String type, EncodedMessage request) {
        try {
            return switch (type) {
                case "GetChannels" -> channels(GetChannels.parseFrom(request.payload()));
                case "MoveStable" -> move(MoveStable.parseFrom(request.payload()));
                case "StartRollout" -> start(StartRollout.parseFrom(request.payload()));
                case "ChangeRollout" -> change(ChangeRollout.parseFrom(request.payload()));
                case "GetRollout" -> rollout(GetRollout.parseFrom(request.payload()));
                case "ListRollouts" -> rollouts(ListRollouts.parseFrom(request.payload()));
                case "ListChannelMoves" -> moves(ListChannelMoves.parseFrom(request.payload()));
                case "ListFollowed" ->
                    Future.succeededFuture(FollowedList.newBuilder()
                            .addAllChannels(known.values())
                            .build());
                case "ReportOutcomes" -> {
                    controller.reported(ReportOutcomes.parseFrom(request.payload()));
                    yield Future.succeededFuture(Done.getDefaultInstance());
                }
                default -> Future.failedFuture(new ServiceException(Code.UNSUPPORTED, "rollouts do not do " + type));
            };
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(new ServiceException(Code.MALFORMED, type + " does not parse"));
        }
    }

    private Future<ChannelsView> channels(GetChannels request) {
        return decisions.find(request.getDefinition()).map(found -> RolloutMessages.view(found.channels()));
    }

    private Future<ChannelsView> move(MoveStable request) {
        return published(request.getDefinition(), request.getVersion())
                .compose(there -> decide(
                        request.getDefinition(),
                        (channels, now) -> channels.move(
                                request.getVersion(),
                                decider(request.getRevision(), request.getBy(), request.getWhy()),
                                now)));
    }

    private Future<ChannelsView> start(StartRollout request) {
        return published(request.getDefinition(), request.getVersion())
                .compose(there -> decide(
                        request.getDefinition(),
                        (channels, now) -> channels.start(
                                request.getVersion(),
                                request.getShare(),
                                RolloutMessages.bounds(request.getBounds()),
                                decider(request.getRevision(), request.getBy(), request.getWhy()),
                                now)));
    }

    private Future<ChannelsView> change(ChangeRollout request) {
        Decider decider = decider(request.getRevision(), request.getBy(), request.getWhy());
        long number = request.getRollout();
        return decide(request.getDefinition(), (channels, now) -> switch (request.getAction()) {
            case "share" -> channels.share(number, request.getShare(), decider, now);
            case "promote" -> channels.change(number, Action.PROMOTE, decider, now);
            case "pause" -> channels.change(number, Action.PAUSE, decider, now);
            case "resume" -> channels.change(number, Action.RESUME, decider, now);
            case "rollback" -> channels.change(number, Action.ROLLBACK, decider, now);
            default ->
                new Channels.Outcome.Refused(
                        Code.INVALID_ARGUMENT, "a rollout takes promote, pause, resume, rollback and share");
        });
    }

    private Future<ChannelsView> decide(String definition, BiFunction<Channels, Instant, Channels.Outcome> decide) {
        return decisions
                .decide(definition, decide, move -> move, Optional.empty())
                .map(RolloutMessages::view);
    }

    private static Decider decider(long revision, String by, String why) {
        if (why.length() > MAX_WHY) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "why may have " + MAX_WHY + " characters");
        }
        return new Decider(revision, by, why);
    }

    private Future<Void> published(String definition, String version) {
        return store.isPublished(definition, version)
                .recover(ChannelDecisions::refused)
                .compose(there -> there
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                new ServiceException(Code.NOT_FOUND, "no definition " + definition + "@" + version)));
    }

    private Future<RolloutView> rollout(GetRollout request) {
        return store.rollouts(request.getDefinition(), request.getRollout() + 1, 1)
                .recover(ChannelDecisions::refused)
                .map(found -> found.stream()
                        .filter(judged -> judged.rollout().number() == request.getRollout())
                        .findFirst()
                        .map(judged -> RolloutMessages.view(request.getDefinition(), judged))
                        .orElseThrow(() -> new ServiceException(
                                Code.NOT_FOUND,
                                "no rollout " + request.getRollout() + " of " + request.getDefinition())));
    }

    private Future<RolloutPage> rollouts(ListRollouts request) {
        int limit = limit(request.getLimit());
        return decisions
                .find(request.getDefinition())
                .compose(there -> store.rollouts(request.getDefinition(), below(request.getCursor()), limit)
                        .recover(ChannelDecisions::refused)
                        .map(found -> {
                            RolloutPage.Builder page = RolloutPage.newBuilder();
                            found.forEach(
                                    judged -> page.addRollouts(RolloutMessages.view(request.getDefinition(), judged)));
                            if (found.size() == limit) {
                                page.setNextCursor(
                                        Long.toString(found.getLast().rollout().number()));
                            }
                            return page.build();
                        }));
    }

    private Future<ChannelMovePage> moves(ListChannelMoves request) {
        int limit = limit(request.getLimit());
        return decisions
                .find(request.getDefinition())
                .compose(there -> store.moves(request.getDefinition(), below(request.getCursor()), limit)
                        .recover(ChannelDecisions::refused)
                        .map(found -> {
                            ChannelMovePage.Builder page = ChannelMovePage.newBuilder();
                            found.forEach(move -> page.addMoves(RolloutMessages.move(move)));
                            if (found.size() == limit) {
                                page.setNextCursor(Long.toString(found.getLast().revision()));
                            }
                            return page.build();
                        }));
    }

    private static int limit(int wanted) {
        return wanted <= 0 ? DEFAULT_PAGE : Math.min(wanted, MAX_PAGE);
    }

    private static long below(String cursor) {
        if (cursor.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (!cursor.matches("[0-9]{1,18}")) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "this is no cursor of a page before: " + cursor);
        }
        return Long.parseLong(cursor);
    }
}
