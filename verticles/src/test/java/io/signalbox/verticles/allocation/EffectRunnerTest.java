package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.LocalMessageBus;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stored first, then told. */
@Timeout(60)
final class EffectRunnerTest {
    private static final int TASKS = 20_000;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final FakeTaskStore store = new FakeTaskStore();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LocalMessageBus bus = new LocalMessageBus(new Random(1), registry);
    private final BrokerSettings settings = new BrokerSettings(
            2 * TASKS,
            BrokerFixture.LEASE,
            BrokerFixture.GRACE,
            BrokerFixture.SETTINGS.backoffInitial(),
            BrokerFixture.SETTINGS.backoffMax(),
            BrokerFixture.SETTINGS.priorityStep(),
            Map.of());
    private final TaskBroker broker = new TaskBroker(settings, 0, new Random(1));
    private ProgressWriter progress;
    private final Queue<String> sent = new ConcurrentLinkedQueue<>();

    private static final StoreWriter.Observer NOBODY = new StoreWriter.Observer() {
        @Override
        public void away() {}

        @Override
        public void back() {}

        @Override
        public void fenced() {}
    };

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private EffectRunner runner(int maxQueued) {
        StoreWriter writer = new StoreWriter(store, context, NOBODY, new Random(1), 500, maxQueued);
        for (int i = 1; i <= 2; i++) {
            store.put(TaskView.newBuilder()
                    .setId(Samples.id(i).toString())
                    .setState("queued")
                    .build());
            writer.loaded(Samples.id(i), 1);
        }
        AgentPost post = new AgentPost(bus);
        InstantSource clock = InstantSource.fixed(Samples.NOW);
        progress = new ProgressWriter(writer, post, clock);
        return new EffectRunner(
                broker,
                store,
                writer,
                progress,
                post,
                new AllocationMeters(registry),
                clock,
                new VersionTally(new Followers()));
    }

    private Subscription listen() {
        return bus.subscribe(new AddressPattern("$sys/agent/a/1"), "", message -> {
            sent.add(message.address());
            return OfferResult.ACCEPTED;
        });
    }

    /** Does something on the event loop and lets what it started there come to its end. */
    private void on(Runnable action) throws Exception {
        Promise<Void> done = Promise.promise();
        context.runOnContext(ignored -> {
            try {
                action.run();
                context.runOnContext(written -> context.runOnContext(after -> done.complete()));
            } catch (RuntimeException | StackOverflowError e) {
                done.fail(e);
            }
        });
        done.future().await(30, TimeUnit.SECONDS);
    }

    private List<Effect> connect() {
        return broker.connected(Samples.agent("a", 1, "s@1.0.0"), Map.of(), Samples.NOW);
    }

    private void load(int tasks) {
        for (int i = 1; i <= tasks; i++) {
            broker.loadWaiting(Samples.spec(i, "s", ""), 0, 0, Instant.EPOCH, Samples.NOW);
        }
    }

    @Test
    void shouldSendAnAssignmentOnceItIsStored() throws Exception {
        listen();
        EffectRunner runner = runner(10);
        load(1);

        on(() -> {
            runner.run(connect());
            assertThat(sent).isEmpty();
        });

        assertThat(sent).hasSize(1);
        assertThat(store.get(Samples.id(1)).getState()).isEqualTo("assigned");
        assertThat(store.get(Samples.id(1)).getAgent()).isEqualTo("a");
    }

    @Test
    void shouldSendAnAssignmentAgainThatNoGatewayTook() throws Exception {
        EffectRunner runner = runner(10);
        load(1);
        on(() -> runner.run(connect()));

        listen();
        on(runner::deliverAgain);
        on(runner::deliverAgain);

        assertThat(sent).hasSize(1);
    }

    @Test
    void shouldNotSendAnAssignmentAgainThatIsNotLiveAnyMore() throws Exception {
        EffectRunner runner = runner(10);
        load(1);
        on(() -> runner.run(connect()));
        on(() -> runner.run(broker.gone("a", 1, Samples.NOW)));

        listen();
        on(runner::deliverAgain);

        assertThat(sent).isEmpty();
    }

    @Test
    void shouldStoreThatATaskWaitsAgainOrIsDead() throws Exception {
        EffectRunner runner = runner(10);
        UUID again = Samples.id(1);
        UUID dead = Samples.id(2);

        on(() -> runner.run(List.of(
                new Effect.Requeue(again, 1, Samples.NOW, Code.AGENT_LOST, "gone"),
                new Effect.Bury(dead, Code.DEADLINE_EXCEEDED, "late"))));

        assertThat(store.get(again).getReasonCode()).isEqualTo(Code.AGENT_LOST.number());
        assertThat(store.get(dead).getState()).isEqualTo("dead");
        assertThat(store.get(dead).getReason()).isEqualTo("late");
    }

    @Test
    void shouldStoreTheLastProgressOfALostAttemptBeforeThatItIsLost() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        bus.subscribe(new AddressPattern("task/+"), "", message -> {
            told.add(message.address() + " " + typeOf(message));
            return OfferResult.ACCEPTED;
        });
        EffectRunner runner = runner(10);
        UUID again = Samples.id(1);
        UUID dead = Samples.id(2);

        on(() -> {
            progress.said(again, 50, "");
            progress.said(dead, 90, "");
            runner.run(List.of(
                    new Effect.Requeue(again, 1, Samples.NOW, Code.AGENT_LOST, "gone"),
                    new Effect.Bury(dead, Code.DEADLINE_EXCEEDED, "late")));
            progress.writeAll();
        });

        assertThat(told)
                .containsExactly(
                        "task/" + again + " progress",
                        "task/" + dead + " progress",
                        "task/" + again + " requeued",
                        "task/" + dead + " dead");
    }

    private static String typeOf(EncodedMessage message) {
        try {
            return TaskEvent.parseFrom(message.payload()).getType();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** The writer takes nothing: each refusal gives the agent the next task, one within the other. */
    @Test
    void shouldGoThroughALongQueueOfTasksThatCannotBeWrittenWithoutDeepStack() throws Exception {
        EffectRunner runner = runner(0);
        load(TASKS);

        on(() -> runner.run(connect()));

        assertThat(broker.view().count(OpenTask.State.DELAYED)).isEqualTo(TASKS);
        assertThat(broker.view().freeSlots()).isEqualTo(1);
        assertThat(Optional.ofNullable(store.get(Samples.id(1))).map(TaskView::getState))
                .contains("queued");
    }
}
