package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.service.ServiceClient;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.Complete;
import io.signalbox.codecs.proto.Decline;
import io.signalbox.codecs.proto.Fail;
import io.signalbox.codecs.proto.Settled;
import io.signalbox.verticles.allocation.AssignmentEnds.Speaker;
import io.signalbox.verticles.postgres.StoreExceptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What agents and users are answered, and what is stored and told. */
@Timeout(60)
final class AssignmentEndsTest {
    private static final Speaker AGENT = new Speaker("a", 1);
    private static final UUID TASK = Samples.id(1);
    private static final long TOKEN = 7;

    /** A registry with one schema of outputs, an integer. */
    private static final ServiceClient REGISTRY = new ServiceClient() {
        @Override
        @SuppressWarnings("unchecked")
        public <T extends MessageLite> Future<T> call(
                String address, MessageLite request, Parser<T> parser, Duration timeout) {
            return (Future<T>) Future.succeededFuture(SkillInfo.newBuilder()
                    .setOutputSchema(ByteString.copyFromUtf8("{\"type\":\"integer\"}"))
                    .build());
        }

        @Override
        public boolean tell(String address, MessageLite request) {
            return false;
        }
    };

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final FakeTaskStore store = new FakeTaskStore();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), registry);
    private final LinkedBlockingQueue<TaskEvent> told = new LinkedBlockingQueue<>();
    private final TaskBroker broker = new TaskBroker(BrokerFixture.SETTINGS, 0, new Random(1));
    private ProgressWriter progress;
    private AssignmentEnds ends;

    /** The agent has the task, with the first of three attempts. */
    @BeforeEach
    void start() throws Exception {
        bus.subscribe(new AddressPattern("task/+"), "", message -> {
            try {
                told.add(TaskEvent.parseFrom(message.payload()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            return OfferResult.ACCEPTED;
        });
        StoreWriter.Observer observer = new StoreWriter.Observer() {
            @Override
            public void away() {
                broker.pause();
            }

            @Override
            public void back() {
                broker.resume(Samples.NOW);
            }

            @Override
            public void fenced() {}
        };
        StoreWriter writer = new StoreWriter(store, context, observer, new Random(1), 10, 50);
        AllocationMeters meters = new AllocationMeters(registry);
        AgentPost post = new AgentPost(bus);
        InstantSource clock = InstantSource.fixed(Samples.NOW);
        progress = new ProgressWriter(writer, post, clock);
        EffectRunner effects = new EffectRunner(
                broker, store, writer, progress, post, meters, clock, new VersionTally(new Followers()));
        SkillSchemas schemas = new SkillSchemas(REGISTRY, Duration.ofSeconds(1));
        ends = new AssignmentEnds(broker, writer, store, effects, progress, schemas, post, meters, clock);
        store.put(view("assigned"));
        on(() -> {
            writer.loaded(TASK, 2);
            broker.loadAssigned(Samples.spec(1, "s", ""), 1, TOKEN, "a", Samples.NOW);
            broker.connected(Samples.agent("a", 1, "s@1.0.0"), Map.of(TASK, TOKEN), Samples.NOW);
            return Future.succeededFuture();
        });
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private static TaskView view(String state) {
        return TaskView.newBuilder()
                .setId(TASK.toString())
                .setState(state)
                .setAgent("a")
                .setToken(TOKEN)
                .setAttempt(1)
                .setRevision(2)
                .build();
    }

    /** On the event loop, to the end. */
    private <T> T on(Supplier<Future<T>> action) throws Exception {
        Promise<T> promise = Promise.promise();
        context.runOnContext(ignored -> {
            try {
                action.get().onComplete(promise);
            } catch (RuntimeException e) {
                promise.fail(e);
            }
        });
        return promise.future().await(20, TimeUnit.SECONDS);
    }

    private Settled complete(Speaker speaker, long token, String output) throws Exception {
        Complete complete = Complete.newBuilder()
                .setTask(TASK.toString())
                .setToken(token)
                .setOutput(ByteString.copyFromUtf8(output))
                .build();
        return on(() -> ends.complete(speaker, complete));
    }

    private Settled complete() throws Exception {
        return complete(AGENT, TOKEN, "42");
    }

    private Settled fail(String reason, boolean retryable) throws Exception {
        Fail fail = Fail.newBuilder()
                .setTask(TASK.toString())
                .setToken(TOKEN)
                .setReason(reason)
                .setRetryable(retryable)
                .build();
        return on(() -> ends.fail(AGENT, fail));
    }

    private Settled decline() throws Exception {
        Decline decline = Decline.newBuilder()
                .setTask(TASK.toString())
                .setToken(TOKEN)
                .setReason("busy")
                .build();
        return on(() -> ends.decline(AGENT, decline));
    }

    private void progress(double percent) throws Exception {
        on(() -> {
            progress.said(TASK, percent, "");
            return Future.succeededFuture();
        });
    }

    private TaskEvent nextTold() throws InterruptedException {
        return told.poll(20, TimeUnit.SECONDS);
    }

    private double counted(String meter, String tag, String value) {
        return registry.get(meter).tag(tag, value).counter().count();
    }

    private Code refusalOf(Throwable failure) {
        assertThat(failure).isInstanceOf(ServiceException.class);
        return ((ServiceException) failure).code();
    }

    @Test
    void shouldStoreAResultAndTellOfItBeforeItIsAnswered() throws Exception {
        Settled settled = complete();

        assertThat(settled)
                .isEqualTo(Settled.newBuilder()
                        .setTask(TASK.toString())
                        .setToken(TOKEN)
                        .build());
        assertThat(store.get(TASK).getState()).isEqualTo("succeeded");
        assertThat(store.get(TASK).getOutput().toStringUtf8()).isEqualTo("42");
        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.getType()).isEqualTo("succeeded");
            assertThat(event.getRevision()).isEqualTo(3);
        });
        assertThat(counted("signalbox.allocation.ended", "state", "succeeded")).isEqualTo(1);
        assertThat(broker.view().open()).isZero();
    }

    @Test
    void shouldTellAnAgentWithADeadTokenWhyItIsRefused() throws Exception {
        Settled settled = complete(AGENT, TOKEN - 1, "42");

        assertThat(settled.getCode()).isEqualTo(Code.TOKEN_SUPERSEDED.number());
        assertThat(settled.getMessage()).contains("token is dead");
        assertThat(store.get(TASK).getState()).isEqualTo("assigned");
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"a, 0", "b, 1"})
    void shouldRefuseARightTokenFromAnotherRegistration(String agent, long generation) throws Exception {
        Settled settled = complete(new Speaker(agent, generation), TOKEN, "42");

        assertThat(settled.getCode()).isEqualTo(Code.STALE_GENERATION.number());
        assertThat(broker.view().open()).isEqualTo(1);
    }

    @Test
    void shouldAcceptTheSameResultToldAgain() throws Exception {
        complete();

        assertThat(complete().getCode()).isZero();
        assertThat(told).hasSize(1);
    }

    @Test
    void shouldAcceptAFinalFailureToldAgain() throws Exception {
        fail("never", false);

        assertThat(fail("never", false).getCode()).isZero();
    }

    @Test
    void shouldNotAcceptAnotherWordAfterTheResult() throws Exception {
        complete();

        assertThat(fail("no", false).getCode()).isEqualTo(Code.TASK_ENDED.number());
        assertThat(decline().getCode()).isEqualTo(Code.TASK_ENDED.number());
        assertThat(complete(AGENT, TOKEN + 1, "42").getCode()).isEqualTo(Code.TASK_ENDED.number());
        assertThat(store.get(TASK).getState()).isEqualTo("succeeded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead", "cancelled"})
    void shouldTellALateResultHowTheTaskEnded(String state) throws Exception {
        complete();
        store.put(view(state));

        Settled settled = complete();

        assertThat(settled.getCode()).isEqualTo(Code.TASK_ENDED.number());
        assertThat(settled.getMessage()).isEqualTo("the task is " + state + " already");
    }

    @Test
    void shouldKnowNothingOfATaskThatNeverWas() throws Exception {
        Complete complete =
                Complete.newBuilder().setTask(new UUID(9, 9).toString()).build();

        assertThat(on(() -> ends.complete(AGENT, complete)).getCode()).isEqualTo(Code.NOT_FOUND.number());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "0-0-0-0-1", "00000000-0000-0000-0000-00000000000G"})
    void shouldRefuseWhatIsNoTasksId(String id) {
        Complete complete = Complete.newBuilder().setTask(id).build();

        assertThat(refusalOf(catchThrowable(() -> on(() -> ends.complete(AGENT, complete)))))
                .isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void shouldQueueAFailedAttemptAgain() throws Exception {
        assertThat(fail("no luck", true).getCode()).isZero();

        assertThat(store.get(TASK).getState()).isEqualTo("queued");
        assertThat(store.get(TASK).getAttempt()).isEqualTo(1);
        assertThat(store.get(TASK).getReason()).isEqualTo("no luck");
        assertThat(told.element().getReasonCode()).isEqualTo(Code.AGENT_FAILED.number());
        assertThat(counted("signalbox.allocation.requeued", "code", "AGENT_FAILED"))
                .isEqualTo(1);
    }

    @Test
    void shouldBuryWhatCannotBeRetried() throws Exception {
        assertThat(fail("never", false).getCode()).isZero();

        assertThat(store.get(TASK).getState()).isEqualTo("dead");
        assertThat(told.element().getReason()).isEqualTo("never");
        assertThat(counted("signalbox.allocation.ended", "state", "dead")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"2000, 2000", "2001, 2003", "9000, 2003"})
    void shouldShortenLongReasons(int said, int stored) throws Exception {
        fail("x".repeat(said), false);

        assertThat(store.get(TASK).getReason()).hasSize(stored);
    }

    @Test
    void shouldCountNoAttemptWhenTheAgentDeclines() throws Exception {
        assertThat(decline().getCode()).isZero();

        assertThat(store.get(TASK).getState()).isEqualTo("queued");
        assertThat(store.get(TASK).getAttempt()).isZero();
        assertThat(store.get(TASK).getReason()).isEqualTo("declined: busy");
        assertThat(broker.view().attemptOf(TASK)).isZero();
        assertThat(told.element().getReason()).isEqualTo("declined: busy");
    }

    @Test
    void shouldFailTheAttemptWhoseOutputBreaksTheSchemaAndSayWhere() throws Exception {
        Settled settled = complete(AGENT, TOKEN, "\"many\"");

        assertThat(settled.getCode()).isEqualTo(Code.SCHEMA_INVALID.number());
        assertThat(settled.getMessage()).contains("integer");
        assertThat(store.get(TASK).getState()).isEqualTo("queued");
        assertThat(store.get(TASK).getReasonCode()).isEqualTo(Code.SCHEMA_INVALID.number());
    }

    @Test
    void shouldCallADeadTokenDeadWhateverTheOutput() throws Exception {
        assertThat(complete(AGENT, TOKEN - 1, "\"many\"").getCode()).isEqualTo(Code.TOKEN_SUPERSEDED.number());
        assertThat(store.get(TASK).getState()).isEqualTo("assigned");
    }

    @Test
    void shouldCancelAndSayByWhom() throws Exception {
        on(() -> ends.cancel(TASK, "me"));

        assertThat(store.get(TASK).getState()).isEqualTo("cancelled");
        assertThat(store.get(TASK).getReason()).isEqualTo("by me");
        assertThat(told.element().getReasonCode()).isEqualTo(Code.TASK_CANCELLED.number());
        assertThat(broker.view().open()).isZero();
    }

    @Test
    void shouldLetATaskBeCancelledTwice() throws Exception {
        on(() -> ends.cancel(TASK, "me"));

        on(() -> ends.cancel(TASK, "me"));

        assertThat(told).hasSize(1);
    }

    @Test
    void shouldNotCancelWhatHasEnded() throws Exception {
        complete();

        assertThat(refusalOf(catchThrowable(() -> on(() -> ends.cancel(TASK, "me")))))
                .isEqualTo(Code.TASK_ENDED);
        assertThat(refusalOf(catchThrowable(() -> on(() -> ends.cancel(new UUID(9, 9), "me")))))
                .isEqualTo(Code.NOT_FOUND);
        assertThat(store.get(TASK).getState()).isEqualTo("succeeded");
    }

    @Test
    void shouldAcceptOneOfTwoResultsOfTheSameMoment() throws Exception {
        Complete complete = Complete.newBuilder()
                .setTask(TASK.toString())
                .setToken(TOKEN)
                .setOutput(ByteString.copyFromUtf8("42"))
                .build();

        Throwable second = catchThrowable(() -> on(() -> {
            Future<Settled> first = ends.complete(AGENT, complete);
            return ends.complete(AGENT, complete).eventually(() -> first);
        }));

        assertThat(refusalOf(second)).isEqualTo(Code.UNAVAILABLE);
        assertThat(told).hasSize(1);
        assertThat(store.get(TASK).getState()).isEqualTo("succeeded");
    }

    @Test
    void shouldLeaveTheTaskWithItsAgentWhenTheResultCannotBeStored() throws Exception {
        store.failure = Optional.of(StoreExceptions.FAULT.make());

        Throwable failure = catchThrowable(this::complete);

        assertThat(failure).isInstanceOf(ServiceException.class);
        assertThat(told).isEmpty();
        assertThat(broker.view().holds("a", 1, TASK, TOKEN)).isTrue();
        store.failure = Optional.empty();
        assertThat(complete().getCode()).isZero();
    }

    @Test
    void shouldSayThatTheStoreIsAwayWhenAskedOfATaskThatHasEnded() throws Exception {
        complete();
        store.failure = Optional.of(StoreExceptions.UNAVAILABLE.make());

        assertThat(refusalOf(catchThrowable(this::complete))).isEqualTo(Code.UNAVAILABLE);
        assertThat(refusalOf(catchThrowable(() -> on(() -> ends.cancel(TASK, "me")))))
                .isEqualTo(Code.UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"succeeded", "requeued", "dead", "cancelled"})
    void shouldStoreTheLastProgressBeforeTheEnd(String end) throws Exception {
        progress(30);
        progress(60);

        switch (end) {
            case "succeeded" -> complete();
            case "requeued" -> fail("no luck", true);
            case "dead" -> fail("never", false);
            default -> on(() -> ends.cancel(TASK, "me"));
        }

        assertThat(told).extracting(TaskEvent::getType).containsExactly("progress", end);
        assertThat(told.element().getPercent()).isEqualTo(60);
        assertThat(told).extracting(TaskEvent::getRevision).containsExactly(3L, 4L);
    }

    @Test
    void shouldKeepTheLastProgressUntilTheResultCanBeStored() throws Exception {
        store.failure = Optional.of(StoreExceptions.UNAVAILABLE.make());
        progress(60);
        assertThat(refusalOf(catchThrowable(this::complete))).isEqualTo(Code.UNAVAILABLE);
        progress(70);
        assertThat(refusalOf(catchThrowable(this::complete))).isEqualTo(Code.UNAVAILABLE);

        store.failure = Optional.empty();
        TaskEvent first = nextTold();
        complete();

        assertThat(first.getPercent()).isEqualTo(60);
        assertThat(told).extracting(TaskEvent::getType).containsExactly("progress", "succeeded");
        assertThat(nextTold().getPercent()).isEqualTo(70);
    }
}
