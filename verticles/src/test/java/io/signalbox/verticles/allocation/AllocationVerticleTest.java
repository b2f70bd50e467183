package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.await;
import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ScriptedClusterView;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentChanged;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentPage;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.FromAgent;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Complete;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Message;
import io.signalbox.codecs.proto.Settled;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.config.AllocationConfig;
import io.signalbox.config.BusConfig;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.postgres.StoreExceptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ownership of the tasks comes and goes. */
@Timeout(60)
class AllocationVerticleTest {
    private static final ClusterView.Shard TASKS = new ClusterView.Shard("tasks", 0);
    private static final long TOKEN = 7;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), meters);
    private final BusConfig busConfig = new BusConfig(1024, Duration.ofSeconds(10));
    private final BusServices services = new BusServices(bus, vertx, "n", busConfig, InstantSource.system(), meters);
    private final InMemoryTaskStore kept = new InMemoryTaskStore();
    private final InMemoryScheduleStore schedules = new InMemoryScheduleStore();
    private final ScriptedClusterView view = new ScriptedClusterView(1);
    private final Queue<Entry> told = new ConcurrentLinkedQueue<>();
    private volatile Optional<StoreExceptions> failure = Optional.empty();
    private volatile AgentInfo agent = AgentInfo.newBuilder()
            .setId("a")
            .setGeneration(4)
            .setSlots(2)
            .setPresence(Presence.PRESENCE_CONNECTED)
            .addSkills(Skill.newBuilder().setName("s").setVersion("1.0.0"))
            .build();

    /** One agent of skill s, attached for long; and what it is told. */
    @BeforeEach
    void start() {
        services.serve(
                vertx.getOrCreateContext(),
                "$sys/registry",
                (type, request) -> type.equals("ListAgents")
                        ? Future.succeededFuture(
                                AgentPage.newBuilder().addAgents(agent).build())
                        : Future.failedFuture(new ServiceException(Code.NOT_FOUND, "no schemas")));
        bus.subscribe(new AddressPattern("$sys/agent/a/4"), "", message -> {
            try {
                told.add(Entry.parseFrom(message.payload()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            return OfferResult.ACCEPTED;
        });
        AllocationConfig config = new AllocationConfig(
                1000,
                Duration.ofSeconds(30),
                Duration.ofSeconds(15),
                3,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                List.of(),
                100);
        AllocationVerticle verticle = new AllocationVerticle(
                bus,
                services,
                fence -> new AllocationStores(new FailingTaskStore(kept, () -> failure), schedules),
                view,
                config,
                busConfig,
                InstantSource.system(),
                new Random(1),
                meters);
        get(vertx.deployVerticle(verticle));
    }

    @AfterEach
    void stop() {
        services.close();
        vertx.close().await();
    }

    private boolean serves() {
        return bus.hasSubscribers(AllocationVerticle.ADDRESS);
    }

    private void gain(int epoch) {
        view.own(TASKS, epoch);
        view.listeners().forEach(listener -> listener.shardsGained(Map.of(TASKS, epoch)));
    }

    private void own(int epoch) {
        gain(epoch);
        await(this::serves);
    }

    private Future<TaskView> submit() {
        return services.call(
                AllocationVerticle.ADDRESS,
                SubmitTask.newBuilder().setSkill("s").build(),
                TaskView.parser(),
                PATIENCE);
    }

    private Entry nextTold() {
        await(() -> !told.isEmpty());
        return told.poll();
    }

    private UUID assignedBefore() {
        StoreWrite.Submit submit =
                TaskWrites.submit(SubmitTask.newBuilder().setSkill("s").setMaxAttempts(3));
        get(kept.write(List.of(submit), List.of()));
        Detail assigned = new Detail.Assigned("a", TOKEN, 1, "1.0.0", "", "");
        get(kept.write(
                List.of(), List.of(new StoreWrite.Change(submit.task(), 2, "assigned", TaskWrites.NOW, assigned))));
        return submit.task();
    }

    @Test
    void shouldServeOnlyWhoOwnsTheTasks() {
        assertThat(serves()).isFalse();
        assertThat(((ServiceException) failure(submit())).code()).isEqualTo(Code.UNAVAILABLE);

        own(5);
        get(submit());

        assertThat(nextTold().getAssign().getToken()).isGreaterThan(5L << 32).isLessThan(6L << 32);
    }

    @Test
    void shouldGoOnWithWhatAnotherNodeAssigned() {
        UUID task = assignedBefore();

        own(5);

        assertThat(nextTold().getAssign())
                .satisfies(assign -> assertThat(assign.getTask()).isEqualTo(task.toString()))
                .satisfies(assign -> assertThat(assign.getToken()).isEqualTo(TOKEN));
        complete(task);
        assertThat(get(kept.find(task)).orElseThrow().getState()).isEqualTo("succeeded");
    }

    private void complete(UUID task) {
        FromAgent complete = FromAgent.newBuilder()
                .setAgent("a")
                .setGeneration(4)
                .setComplete(Complete.newBuilder().setTask(task.toString()).setToken(TOKEN))
                .build();
        Settled settled = get(services.call(AllocationVerticle.ADDRESS, complete, Settled.parser(), PATIENCE));
        assertThat(settled.getCode()).isZero();
    }

    @Test
    void shouldServeNoMoreOnceTheTasksAreGivenAway() {
        own(5);
        get(submit());

        get(view.listeners().getFirst().shardsLeaving(Set.of(TASKS)));

        assertThat(serves()).isFalse();
    }

    @Test
    void shouldStopWhenTheStoreSaysThatAnotherNodeHasTakenOverAndBeginAgainUnderTheNextEpoch() {
        own(5);
        failure = Optional.of(StoreExceptions.FENCED);

        assertThat(((ServiceException) failure(submit())).code()).isEqualTo(Code.UNAVAILABLE);
        await(() -> !serves());

        failure = Optional.empty();
        own(9);
        get(submit());
        assertThat(nextTold().getAssign().getToken()).isGreaterThan(9L << 32);
    }

    @Test
    void shouldTakeTheTasksOverWhenTheStoreIsBack() {
        failure = Optional.of(StoreExceptions.UNAVAILABLE);
        gain(5);

        failure = Optional.empty();

        await(this::serves);
    }

    @Test
    void shouldAssignNothingWhileTheNodeMayNotAct() {
        own(5);
        view.listeners().getFirst().notActing("the store is away");

        TaskView waiting = get(submit());
        assertThat(told).isEmpty();

        view.listeners().getFirst().acting(1);
        assertThat(nextTold().getAssign().getTask()).isEqualTo(waiting.getId());
    }

    private void stands(Standing standing) {
        agent = agent.toBuilder()
                .setStanding(AgentStanding.newBuilder().setStanding(standing))
                .build();
    }

    private void tellOfTheAgent() {
        bus.publish(EncodedMessage.of(Message.newBuilder()
                .setAddress("$sys/agents")
                .setPayload(AgentChanged.newBuilder().setAgent(agent).build().toByteString())
                .build()));
    }

    /** Before the node took over, and while it allocates. */
    @ParameterizedTest
    @EnumSource(names = {"STANDING_PAUSED", "STANDING_DRAINING", "STANDING_QUARANTINED"})
    void shouldGiveOnlyAnActiveAgentNewTasksAndLetTheOthersGoOn(Standing standing) {
        stands(standing);
        UUID held = assignedBefore();
        own(5);
        assertThat(nextTold().getAssign().getTask()).as("reminded").isEqualTo(held.toString());
        TaskView waiting = get(submit());
        assertThat(told).isEmpty();

        stands(Standing.STANDING_ACTIVE);
        tellOfTheAgent();

        assertThat(nextTold().getAssign().getTask()).isEqualTo(waiting.getId());
        stands(standing);
        tellOfTheAgent();
        complete(held);
        get(submit());
        assertThat(told).isEmpty();
    }
}
