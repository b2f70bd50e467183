package io.signalbox.verticles.allocation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.UuidV7;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AllocationStatus;
import io.signalbox.codecs.internal.CancelTask;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.FromAgent;
import io.signalbox.codecs.internal.GetTask;
import io.signalbox.codecs.internal.GetTaskEvents;
import io.signalbox.codecs.internal.ListTasks;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskEvents;
import io.signalbox.codecs.internal.TaskPage;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Progress;
import io.signalbox.config.AllocationConfig;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.allocation.AssignmentEnds.Speaker;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import io.signalbox.verticles.allocation.TaskStore.Submitted;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.semver4j.Semver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Allocation as a service at {@value #ADDRESS}: from submitted task to settled result. Confined to its event loop. */
public final class AllocationVerticle extends VerticleBase {
    public static final String ADDRESS = "$sys/allocation";

    private static final Logger log = LoggerFactory.getLogger(AllocationVerticle.class);
    private static final Duration TICK = Duration.ofMillis(50);
    private static final int TICKS_PER_PROGRESS_WRITE = 20;
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 100;
    private static final Set<String> ENDED = Set.of("succeeded", "dead", "cancelled");

    private final MessageBus bus;
    private final BusServices services;
    private final TaskStore store;
    private final AllocationConfig config;
    private final BusConfig busConfig;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final AllocationMeters meters;
    private final AgentPost post;
    private final TaskBroker broker;
    private final SkillSchemas schemas;
    private final List<Subscription> subscriptions = new ArrayList<>();
    private StoreWriter writer;
    private ProgressWriter progress;
    private EffectRunner effects;
    private AssignmentEnds ends;
    private long timer;
    private long ticks;
    private boolean draining;

    /** @param incarnation of the node, the upper half of each token */
    public AllocationVerticle(
            MessageBus bus,
            BusServices services,
            TaskStore store,
            AllocationConfig config,
            BusConfig busConfig,
            int incarnation,
            InstantSource clock,
            RandomGenerator random,
            MeterRegistry meters) {
        this.bus = bus;
        this.services = services;
        this.store = store;
        this.config = config;
        this.busConfig = busConfig;
        this.clock = clock;
        this.random = random;
        this.meters = new AllocationMeters(meters);
        this.post = new AgentPost(bus);
        this.broker = new TaskBroker(BrokerSettings.of(config), (long) incarnation << 32, random);
        this.schemas = new SkillSchemas(services, busConfig.requestTimeout());
    }

    @Override
    public Future<?> start() {
        writer =
                new StoreWriter(store, context, new StoreObserver(), random, config.batchSize(), config.maxOpenTasks());
        progress = new ProgressWriter(writer, post, clock);
        effects = new EffectRunner(broker, writer, progress, post, meters, clock);
        ends = new AssignmentEnds(broker, writer, store, effects, progress, schemas, post, meters, clock);
        return store.loadOpen().map(open -> {
            load(open);
            listen();
            timer = vertx.setPeriodic(TICK.toMillis(), ignored -> tick());
            return null;
        });
    }

    private void load(List<TaskStore.Loaded> open) {
        Instant now = clock.instant();
        for (TaskStore.Loaded task : open) {
            writer.loaded(task.id(), task.revision());
            TaskSpec spec = new TaskSpec(
                    task.id(),
                    task.skill(),
                    task.versionRange(),
                    task.priority(),
                    task.submittedAt(),
                    task.deadline(),
                    task.maxAttempts());
            if (task.assigned()) {
                broker.loadAssigned(spec, task.attempt(), task.token(), task.agent(), now);
            } else {
                broker.loadWaiting(spec, task.attempt(), task.token(), task.notBefore(), now);
            }
        }
        meters.open(broker.view().open());
        log.info("{} open tasks loaded", open.size());
    }

    private void listen() {
        HandOver changes = new HandOver(context, busConfig.maxQueued());
        subscriptions.add(bus.subscribe(new AddressPattern("$sys/agents"), "", changes.to(this::agentChanged)));
        subscriptions.add(
                bus.subscribe(new AddressPattern("$sys/definitions"), "", changes.to(definition -> schemas.forget())));
        subscriptions.add(services.serve(context, ADDRESS, this::handle));
    }

    /** Assigns nothing more; completes when everything that was accepted is stored. */
    @Override
    public Future<?> stop() {
        draining = true;
        broker.pause();
        progress.writeAll();
        Promise<Void> idle = Promise.promise();
        whenIdle(idle);
        return idle.future().onComplete(done -> {
            vertx.cancelTimer(timer);
            subscriptions.forEach(Subscription::close);
        });
    }

    private void whenIdle(Promise<Void> idle) {
        if (writer.isIdle()) {
            idle.complete();
        } else {
            vertx.setTimer(TICK.toMillis(), ignored -> whenIdle(idle));
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
            if (!draining) {
                effects.run(broker.resume(clock.instant()));
            }
        }
    }

    private void tick() {
        effects.run(broker.tick(clock.instant()));
        effects.deliverAgain();
        if (++ticks % TICKS_PER_PROGRESS_WRITE == 0) {
            progress.writeAll();
        }
    }

    private void agentChanged(EncodedMessage message) {
        try {
            AgentInfo agent = AgentChanged.parseFrom(message.payload()).getAgent();
            Instant now = clock.instant();
            switch (agent.getPresence()) {
                case PRESENCE_CONNECTED -> effects.run(broker.connected(rosterAgent(agent), held(agent), now));
                case PRESENCE_SUSPENDED -> broker.suspended(agent.getId(), agent.getGeneration());
                case PRESENCE_GONE -> effects.run(broker.gone(agent.getId(), agent.getGeneration(), now));
                case UNRECOGNIZED -> log.error("Unknown presence of agent {}", agent.getId());
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("The registry told something that does not parse", e);
        }
    }

    private static RosterAgent rosterAgent(AgentInfo agent) {
        List<AgentSkill> skills = agent.getSkillsList().stream()
                .map(skill -> new AgentSkill(skill.getName(), Semver.parse(skill.getVersion())))
                .toList();
        return new RosterAgent(agent.getId(), agent.getGeneration(), skills, agent.getSlots());
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
                case "GetTask" -> task(GetTask.parseFrom(request.payload()));
                case "ListTasks" -> tasks(ListTasks.parseFrom(request.payload()));
                case "GetTaskEvents" -> events(GetTaskEvents.parseFrom(request.payload()));
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
            return Future.failedFuture(new ServiceException(Code.DRAINING, "the node is shutting down"));
        }
        SubmitTask request = SubmitRules.complete(wish, config.maxAttempts(), clock.instant());
        TaskSpec.Demand demand = new TaskSpec.Demand(request.getSkill(), request.getVersionRange());
        return schemas.checkInput(demand, request.getContentType(), request.getInput())
                .compose(violation -> {
                    if (violation.isPresent()) {
                        return Future.failedFuture(new ServiceException(
                                Code.SCHEMA_INVALID, "the input breaks the skill's schema: " + violation.get()));
                    }
                    Optional<Verdict.Refused> refused = broker.refuses(demand, request.getFailFast());
                    return refused.isPresent()
                            ? Future.failedFuture(new ServiceException(
                                    refused.get().code(), refused.get().reason()))
                            : store(request);
                });
    }

    private Future<TaskView> store(SubmitTask request) {
        Instant now = clock.instant();
        UUID id = UuidV7.next(now.toEpochMilli(), random);
        return writer.submit(new StoreWrite.Submit(id, request, now)).compose(submitted -> {
            if (!submitted.task().equals(id)) {
                return repeated(request, submitted);
            }
            meters.submitted();
            post.submitted(id, now);
            effects.run(broker.submitted(SubmitRules.spec(id, request, now), clock.instant()));
            return Future.succeededFuture(accepted(id, request, now));
        });
    }

    private Future<TaskView> repeated(SubmitTask request, Submitted before) {
        if (!Arrays.equals(request.getRequestHash().toByteArray(), before.requestHash())) {
            return Future.failedFuture(new ServiceException(
                    Code.KEY_REUSED,
                    "the idempotency key '" + request.getIdempotencyKey() + "' was used for another request, task "
                            + before.task()));
        }
        return find(before.task())
                .map(view -> view.toBuilder().setRepeatedRequest(true).build());
    }

    private TaskView accepted(UUID id, SubmitTask request, Instant now) {
        return explained(TaskView.newBuilder()
                .setId(id.toString())
                .setState("queued")
                .setSkill(request.getSkill())
                .setVersionRange(request.getVersionRange())
                .setPriority(request.getPriority())
                .setDeadlineMs(request.getDeadlineMs())
                .setMaxAttempts(request.getMaxAttempts())
                .putAllLabels(request.getLabelsMap())
                .setSubmitter(request.getSubmitter())
                .setSubmittedAtMs(now.toEpochMilli())
                .setUpdatedAtMs(now.toEpochMilli())
                .setContentType(request.getContentType())
                .setInput(request.getInput())
                .setTraceparent(request.getTraceparent())
                .setRevision(1)
                .build());
    }

    /** With the reason why it waits, which only the broker knows. */
    private TaskView explained(TaskView view) {
        if (!view.getState().equals("queued")) {
            return view;
        }
        return broker.view()
                .standing(UUID.fromString(view.getId()), clock.instant())
                .filter(standing -> standing.agent().isEmpty())
                .map(standing -> view.toBuilder()
                        .setReasonCode(standing.code().number())
                        .setReason(standing.reason())
                        .build())
                .orElse(view);
    }

    private Future<TaskView> find(UUID id) {
        return store.find(id)
                .recover(AssignmentEnds::refused)
                .map(found ->
                        explained(found.orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no task " + id))));
    }

    private Future<TaskView> task(GetTask request) {
        return find(AssignmentEnds.id(request.getId()));
    }

    private Future<TaskPage> tasks(ListTasks request) {
        int limit = limit(request.getLimit());
        Optional<UUID> below =
                request.getCursor().isEmpty() ? Optional.empty() : Optional.of(AssignmentEnds.id(request.getCursor()));
        return store.list(request.getState(), request.getSkill(), below, limit)
                .recover(AssignmentEnds::refused)
                .map(found -> {
                    TaskPage.Builder page = TaskPage.newBuilder();
                    found.forEach(view -> page.addTasks(explained(view)));
                    if (found.size() == limit) {
                        page.setNextCursor(found.getLast().getId());
                    }
                    return page.build();
                });
    }

    private Future<TaskEvents> events(GetTaskEvents request) {
        UUID id = AssignmentEnds.id(request.getId());
        return store.events(id, request.getAfterRevision(), limit(request.getLimit()))
                .recover(AssignmentEnds::refused)
                .compose(events -> {
                    TaskEvents answer =
                            TaskEvents.newBuilder().addAllEvents(events).build();
                    return events.isEmpty()
                            ? find(id).map(task -> answer.toBuilder()
                                    .setEnded(hasEndedAt(task, request.getAfterRevision()))
                                    .build())
                            : Future.succeededFuture(answer);
                });
    }

    /** Not when its end came between the two readings. */
    private static boolean hasEndedAt(TaskView task, long revision) {
        return ENDED.contains(task.getState()) && task.getRevision() <= revision;
    }

    private Future<TaskView> cancel(CancelTask request) {
        UUID id = AssignmentEnds.id(request.getId());
        return ends.cancel(id, request.getBy()).compose(cancelled -> find(id));
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
        if (!broker.holds(speaker.agent(), speaker.generation(), task, said.getToken())) {
            return Future.failedFuture(new ServiceException(Code.TOKEN_SUPERSEDED, "this token is dead"));
        }
        progress.said(task, said.getPercent(), said.getMessage());
        return Future.succeededFuture(Done.getDefaultInstance());
    }

    private AllocationStatus status() {
        return AllocationStatus.newBuilder()
                .setQueued(broker.view().count(State.WAITING))
                .setAssigned(broker.view().count(State.ASSIGNED)
                        + broker.view().count(State.ORPHANED)
                        + broker.view().count(State.SETTLING))
                .setBackingOff(broker.view().count(State.DELAYED))
                .setAgents(broker.view().agents())
                .setFreeSlots(broker.view().freeSlots())
                .setStoreAvailable(!writer.isAway())
                .build();
    }

    private static int limit(int wanted) {
        return wanted <= 0 ? DEFAULT_PAGE : Math.min(wanted, MAX_PAGE);
    }
}
