package io.signalbox.verticles.allocation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentPage;
import io.signalbox.codecs.internal.AllocationStatus;
import io.signalbox.codecs.internal.CancelTask;
import io.signalbox.codecs.internal.DecideTask;
import io.signalbox.codecs.internal.DeleteSchedule;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.ExplainTask;
import io.signalbox.codecs.internal.FromAgent;
import io.signalbox.codecs.internal.GetSchedule;
import io.signalbox.codecs.internal.GetTask;
import io.signalbox.codecs.internal.GetTaskEvents;
import io.signalbox.codecs.internal.ListAgents;
import io.signalbox.codecs.internal.ListSchedules;
import io.signalbox.codecs.internal.ListTasks;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.PutSchedule;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.config.AllocationConfig;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.allocation.AssignmentEnds.Speaker;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allocation for as long as this node owns the tasks, under one epoch: takes over what the store has and who is attached, then
 * serves, from submitted task to settled result. Confined to its event loop.
 */
final class Tenure {
    /** What a node's allocation works with, whoever owns the tasks. */
    record Means(
            MessageBus bus,
            BusServices services,
            AllocationConfig config,
            BusConfig busConfig,
            InstantSource clock,
            RandomGenerator random,
            AllocationMeters meters) {}

    private static final Logger log = LoggerFactory.getLogger(Tenure.class);
    private static final Duration TICK = Duration.ofMillis(50);
    private static final int TICKS_PER_PROGRESS_WRITE = 20;
    private static final int AGENTS_PAGE = 1000;
    private static final int MAX_PARTIAL = 64 * 1024;

    private final Context context;
    private final Means means;
    private final TaskStore store;
    private final AllocationConfig config;
    private final InstantSource clock;
    private final AllocationMeters meters;
    private final AgentPost post;
    private final TaskBroker broker;
    private final SkillSchemas schemas;
    private final StoreWriter writer;
    private final ProgressWriter progress;
    private final EffectRunner effects;
    private final AssignmentEnds ends;
    private final TaskQueries queries;
    private final AgentVersions versions;
    private final Submissions submissions;
    private final Schedules schedules;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private Optional<Subscription> service = Optional.empty();
    private final Runnable fenced;
    private long timer;
    private long ticks;
    private boolean paused;
    private boolean draining;
    private boolean ended;

    /**
     * @param stores take writes under this epoch alone
     * @param fenced called when the store takes nothing of this tenure any more
     */
    Tenure(Context context, Means means, AllocationStores stores, int epoch, Runnable fenced) {
        this.context = context;
        this.means = means;
        this.store = stores.tasks();
        this.config = means.config();
        this.clock = means.clock();
        this.meters = means.meters();
        this.fenced = fenced;
        this.post = new AgentPost(means.bus());
        this.broker = new TaskBroker(BrokerSettings.of(config), (long) epoch << 32, means.random());
        this.schemas = new SkillSchemas(means.services(), means.busConfig().requestTimeout());
        this.writer = new StoreWriter(
                store, context, new StoreObserver(), means.random(), config.batchSize(), config.maxOpenTasks());
        this.progress = new ProgressWriter(writer, post, clock);
        this.versions = new AgentVersions(
                broker, post, means.services(), means.busConfig().requestTimeout(), epoch);
        this.effects = new EffectRunner(broker, store, writer, progress, post, meters, clock, versions.tally());
        this.queries = new TaskQueries(store, broker.view(), clock);
        this.submissions =
                new Submissions(means, broker, new Plans(store, broker), schemas, writer, effects, post, queries);
        this.schedules = new Schedules(stores.schedules(), submissions::submit, clock);
        this.ends = new AssignmentEnds(broker, writer, store, effects, progress, schemas, post, meters, clock);
    }

    /** Completes when it serves. Fails when the store or the registry does not answer; then call {@link #end}. */
    Future<Void> begin() {
        broker.pause();
        return store.loadOpen()
                .compose(this::load)
                .compose(loaded -> schedules.load())
                .compose(loaded -> {
                    listen();
                    return versions.load();
                })
                .compose(known -> adoptAgents(""))
                .map(adopted -> {
                    serve();
                    return null;
                });
    }

    private Future<Void> load(List<TaskStore.Loaded> open) {
        Instant now = clock.instant();
        for (TaskStore.Loaded task : open) {
            writer.loaded(task.spec().id(), task.revision());
            switch (task.state()) {
                case "assigned" -> broker.loadAssigned(task.spec(), task.attempt(), task.token(), task.agent(), now);
                case "held" -> broker.loadHeld(task.spec(), task.approved(), now);
                default -> broker.loadWaiting(task.spec(), task.attempt(), task.token(), task.notBefore(), now);
            }
        }
        List<UUID> roots = List.copyOf(broker.view().budgetRoots());
        Future<TaskStore.Trees> trees =
                roots.isEmpty() ? Future.succeededFuture(new TaskStore.Trees(Map.of(), Map.of())) : store.trees(roots);
        return trees.map(known -> {
            known.spent().forEach(broker::loadSpent);
            known.children().forEach(broker::loadChildren);
            effects.run(broker.loaded(clock.instant()));
            return null;
        });
    }

    private void listen() {
        HandOver changes = new HandOver(context, means.busConfig().maxQueued());
        listen(changes, "$sys/agents", this::agentChanged);
        listen(changes, "$sys/definitions", definition -> schemas.forget());
        listen(changes, AgentVersions.CHANNELS, channels -> effects.run(versions.changed(channels, clock.instant())));
    }

    private void listen(HandOver handOver, String address, Consumer<EncodedMessage> target) {
        subscriptions.add(means.bus().subscribe(new AddressPattern(address), "", handOver.to(target)));
    }

    /** Of all nodes, by pages. What changes meanwhile is told, too. */
    private Future<Void> adoptAgents(String cursor) {
        ListAgents request =
                ListAgents.newBuilder().setCursor(cursor).setLimit(AGENTS_PAGE).build();
        return means.services()
                .call(
                        SkillSchemas.REGISTRY,
                        request,
                        AgentPage.parser(),
                        means.busConfig().requestTimeout())
                .compose(page -> {
                    page.getAgentsList().forEach(this::adopt);
                    return page.getNextCursor().isEmpty()
                            ? Future.succeededFuture()
                            : adoptAgents(page.getNextCursor());
                });
    }

    private void adopt(AgentInfo agent) {
        boolean takesTasks = agent.getPresence() == Presence.PRESENCE_CONNECTED && isActive(agent);
        effects.run(broker.adopt(versions.rosterAgent(agent), takesTasks, clock.instant()));
    }

    /** Else a directive keeps it from new tasks, and it goes on with those that it has, as when its connection is lost. */
    private static boolean isActive(AgentInfo agent) {
        return agent.getStanding().getStanding() == Standing.STANDING_ACTIVE;
    }

    private void serve() {
        if (ended) {
            return;
        }
        service = Optional.of(means.services().serve(context, AllocationVerticle.ADDRESS, this::handle));
        timer = context.owner().setPeriodic(TICK.toMillis(), ignored -> tick());
        log.info(
                "Allocates: {} open tasks, {} agents",
                broker.view().open(),
                broker.view().agents());
        effects.run(broker.tick(clock.instant())); // what is overdue is not to be assigned any more
        resumeIfPossible();
    }

    private void resumeIfPossible() {
        if (!paused && !draining && !ended && !writer.isAway()) {
            effects.run(broker.resume(clock.instant()));
        }
    }

    /** Assigns nothing until {@link #resume}: this node may not act. */
    void pause() {
        paused = true;
        broker.pause();
    }

    void resume() {
        paused = false;
        resumeIfPossible();
    }

    /** Assigns nothing more and takes no requests; completes when everything that was accepted is stored. */
    Future<Void> drain() {
        draining = true;
        stopServing();
        broker.pause();
        progress.writeAll();
        Promise<Void> idle = Promise.promise();
        whenIdle(idle);
        return idle.future().onComplete(done -> end());
    }

    /** At once: nothing more is written, what waits for it is refused. Idempotent. */
    void end() {
        ended = true;
        broker.pause();
        context.owner().cancelTimer(timer);
        stopServing();
        subscriptions.forEach(Subscription::close);
        subscriptions.clear();
        writer.end();
        meters.open(0);
        meters.waiting(Map.of(), clock.instant());
        meters.storeAway(false);
    }

    private void stopServing() {
        service.ifPresent(Subscription::close);
        service = Optional.empty();
    }

    private void whenIdle(Promise<Void> idle) {
        if (writer.isIdle() || ended) {
            idle.complete();
        } else {
            context.owner().setTimer(TICK.toMillis(), ignored -> whenIdle(idle));
        }
    }

    private final class StoreObserver implements StoreWriter.Observer {
        @Override
        public void away() {
            meters.storeAway(true);
            broker.pause();
        }

        @Override
        public void back() {
            meters.storeAway(false);
            resumeIfPossible();
        }

        @Override
        public void fenced() {
            end();
            fenced.run();
        }
    }

    private void tick() {
        effects.run(broker.tick(clock.instant()));
        effects.deliverAgain();
        versions.tick();
        if (++ticks % TICKS_PER_PROGRESS_WRITE == 0) {
            progress.writeAll();
            if (!paused && !draining) {
                schedules.tick();
            }
            meters.waiting(broker.view().queues(), clock.instant());
        }
    }

    private void agentChanged(EncodedMessage message) {
        try {
            AgentInfo agent = AgentChanged.parseFrom(message.payload()).getAgent();
            Instant now = clock.instant();
            switch (agent.getPresence()) {
                case PRESENCE_CONNECTED, PRESENCE_SUSPENDED ->
                    effects.run(
                            agent.getPresence() == Presence.PRESENCE_CONNECTED && isActive(agent)
                                    ? broker.connected(versions.rosterAgent(agent), held(agent), now)
                                    : broker.suspended(versions.rosterAgent(agent), held(agent), now));
                case PRESENCE_GONE -> effects.run(broker.gone(agent.getId(), agent.getGeneration(), now));
                case UNRECOGNIZED -> log.error("Unknown presence of agent {}", agent.getId());
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("The registry told something that does not parse", e);
        }
    }

    private static Map<UUID, Long> held(AgentInfo agent) {
        return held(agent.getHeldList());
    }

    private static Map<UUID, Long> held(List<HeldAssignment> assignments) {
        Map<UUID, Long> held = new HashMap<>();
        // What is no task's id is nobody's token either.
        assignments.forEach(
                each -> AssignmentEnds.parse(each.getTask()).ifPresent(task -> held.put(task, each.getToken())));
        return held;
    }

    private Future<? extends MessageLite> handle(String type, EncodedMessage request) {
        try {
            return switch (type) {
                case "SubmitTask" -> submit(SubmitTask.parseFrom(request.payload()));
                case "GetTask" -> queries.task(GetTask.parseFrom(request.payload()));
                case "ListTasks" -> queries.tasks(ListTasks.parseFrom(request.payload()));
                case "GetTaskEvents" -> queries.events(GetTaskEvents.parseFrom(request.payload()));
                case "ExplainTask" -> queries.explain(ExplainTask.parseFrom(request.payload()));
                case "PutSchedule" -> schedules.put(PutSchedule.parseFrom(request.payload()));
                case "GetSchedule" -> schedules.get(GetSchedule.parseFrom(request.payload()));
                case "ListSchedules" -> schedules.list(ListSchedules.parseFrom(request.payload()));
                case "DeleteSchedule" -> schedules.delete(DeleteSchedule.parseFrom(request.payload()));
                case "DecideTask" -> decide(DecideTask.parseFrom(request.payload()));
                case "CancelTask" -> cancel(CancelTask.parseFrom(request.payload()));
                case "FromAgent" -> fromAgent(FromAgent.parseFrom(request.payload()));
                case "GetAllocationStatus" -> Future.succeededFuture(status());
                default ->
                    Future.failedFuture(new ServiceException(Code.UNSUPPORTED, "allocation does not do " + type));
            };
        } catch (InvalidProtocolBufferException e) {
            return Future.failedFuture(new ServiceException(Code.MALFORMED, type + " does not parse"));
        }
    }

    private Future<TaskView> submit(SubmitTask wish) {
        if (draining) {
            return Future.failedFuture(new ServiceException(
                    Code.DRAINING, "another node is about to allocate, or this one stops; ask again"));
        }
        return submissions.submit(wish);
    }

    /** What was checked when the task was submitted is checked again, for it may have waited for days. */
    private Future<TaskView> decide(DecideTask request) {
        UUID id = AssignmentEnds.id(request.getId());
        Future<?> checked = request.getApprove() ? submissions.checkAgain(id) : Future.succeededFuture();
        return checked.compose(fine -> ends.decide(id, request.getApprove(), request.getBy(), request.getReason()))
                .compose(decided -> queries.find(id));
    }

    private Future<TaskView> cancel(CancelTask request) {
        UUID id = AssignmentEnds.id(request.getId());
        Future<Void> cancelled =
                request.getTree() ? ends.cancelTree(id, request.getBy()) : ends.cancel(id, request.getBy());
        return cancelled.compose(done -> queries.find(id));
    }

    private Future<? extends MessageLite> fromAgent(FromAgent request) {
        Speaker speaker = new Speaker(request.getAgent(), request.getGeneration());
        return switch (request.getBodyCase()) {
            case COMPLETE -> ends.complete(speaker, request.getComplete());
            case FAIL -> ends.fail(speaker, request.getFail());
            case DECLINE -> ends.decline(speaker, request.getDecline());
            case RENEW -> {
                effects.run(broker.renew(
                        speaker.agent(),
                        speaker.generation(),
                        held(request.getRenew().getAssignmentsList()),
                        clock.instant()));
                yield Future.succeededFuture(Done.getDefaultInstance());
            }
            case PROGRESS -> progressed(speaker, request.getProgress());
            case BODY_NOT_SET -> Future.failedFuture(new ServiceException(Code.MALFORMED, "nothing said"));
        };
    }

    private Future<Done> progressed(Speaker speaker, Progress said) {
        UUID task = AssignmentEnds.id(said.getTask());
        if (!broker.view().holds(speaker.agent(), speaker.generation(), task, said.getToken())) {
            return Future.failedFuture(new ServiceException(Code.TOKEN_SUPERSEDED, "this token is dead"));
        }
        if (said.getPartial().size() > MAX_PARTIAL) {
            return Future.failedFuture(
                    new ServiceException(Code.TOO_LARGE, "a partial result of more than " + MAX_PARTIAL + " bytes"));
        }
        if (!said.getPartial().isEmpty()) {
            post.partial(speaker.agent(), said, broker.view().attemptOf(task), clock.instant());
        }
        if (said.getPartial().isEmpty()
                || said.getPercent() > 0
                || !said.getMessage().isEmpty()) {
            progress.said(task, said.getPercent(), said.getMessage());
        }
        return Future.succeededFuture(Done.getDefaultInstance());
    }

    private AllocationStatus status() {
        return AllocationStatus.newBuilder()
                .setQueued(broker.view().count(State.WAITING))
                .setAssigned(broker.view().count(State.ASSIGNED)
                        + broker.view().count(State.ORPHANED)
                        + broker.view().count(State.SETTLING))
                .setBackingOff(broker.view().count(State.DELAYED))
                .setHeld(broker.view().count(State.HELD))
                .setAgents(broker.view().agents())
                .setFreeSlots(broker.view().freeSlots())
                .setStoreAvailable(!writer.isAway())
                .build();
    }
}
