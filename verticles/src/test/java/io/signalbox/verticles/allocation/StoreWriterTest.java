package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import io.signalbox.verticles.allocation.TaskStore.Submitted;
import io.signalbox.verticles.postgres.StoreExceptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StoreWriterTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final RandomGenerator SHORTEST_PAUSE = () -> 0;
    private static final Detail ENDED = new Detail.Ended("succeeded", Optional.empty(), "", "", ByteString.EMPTY);
    private static final Detail ASSIGNED = new Detail.Assigned("a", 1, 1, "1.0.0", "", "");

    private record NoObserver() implements StoreWriter.Observer {
        @Override
        public void away() {}

        @Override
        public void back() {}

        @Override
        public void fenced() {}
    }

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final ScriptedTaskStore store = new ScriptedTaskStore();
    private final LinkedBlockingQueue<String> observed = new LinkedBlockingQueue<>();
    private StoreWriter writer;

    @BeforeEach
    void start() {
        StoreWriter.Observer observer = new StoreWriter.Observer() {
            @Override
            public void away() {
                observed.add("away");
            }

            @Override
            public void back() {
                observed.add("back");
            }

            @Override
            public void fenced() {
                observed.add("fenced");
            }
        };
        writer = new StoreWriter(store, context, observer, SHORTEST_PAUSE, 10, 50);
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    /** Does something on the writer's event loop. */
    private <T> T on(Supplier<T> action) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(ignored -> {
            try {
                result.complete(action.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(20, TimeUnit.SECONDS);
    }

    private static Submit submit() {
        return new Submit(UUID.randomUUID(), SubmitTask.getDefaultInstance(), NOW);
    }

    private List<Future<Submitted>> submit(int count) throws Exception {
        return on(() -> {
            List<Future<Submitted>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(writer.submit(submit()));
            }
            return all;
        });
    }

    private Submit stored() throws Exception {
        Submit submit = submit();
        on(() -> writer.submit(submit)).await(20, TimeUnit.SECONDS);
        return submit;
    }

    private void next(StoreExceptions outcome) {
        store.outcomes.add(() -> Optional.of(outcome.make()));
    }

    private static Code code(Future<?> refused) throws Exception {
        CompletableFuture<Throwable> cause = new CompletableFuture<>();
        refused.onComplete(result -> cause.complete(result.cause()));
        assertThat(cause.get(20, TimeUnit.SECONDS)).isInstanceOf(ServiceException.class);
        return ((ServiceException) cause.get()).code();
    }

    @Test
    void shouldWriteOneBatchForAllThatATurnBrings() throws Exception {
        for (Future<Submitted> each : submit(7)) {
            each.await(20, TimeUnit.SECONDS);
        }

        assertThat(store.batches()).hasSize(1);
        assertThat(store.batches().getFirst()).hasSize(7);
    }

    @Test
    void shouldCollectTheNextBatchWhileOneIsBeingWritten() throws Exception {
        store.gate = new CompletableFuture<>();
        List<Future<Submitted>> first = submit(1);
        List<Future<Submitted>> rest = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            rest.addAll(submit(1));
        }
        assertThat(store.batches()).hasSize(1);

        store.gate.complete(null);
        first.getFirst().await(20, TimeUnit.SECONDS);
        for (Future<Submitted> each : rest) {
            each.await(20, TimeUnit.SECONDS);
        }

        assertThat(store.batches()).extracting(List::size).containsExactly(1, 10, 5);
    }

    @Test
    void shouldNotWriteTwoChangesOfATaskInOneBatch() throws Exception {
        Submit task = stored();

        List<Future<Changed>> changes = on(() -> List.of(
                writer.change(task.task(), "assigned", NOW, ASSIGNED),
                writer.record(task.task(), "progress", NOW, new Detail.Progressed(1, "")),
                writer.change(task.task(), "succeeded", NOW, ENDED)));
        for (Future<Changed> each : changes) {
            assertThat(each.await(20, TimeUnit.SECONDS).committed()).isTrue();
        }

        assertThat(get(store.find(task.task())).orElseThrow().getRevision()).isEqualTo(4);
    }

    /** Else two changes each of many tasks would need as many batches as there are tasks. */
    @Test
    void shouldGoOnToOtherTasksWhenATaskComesTwice() throws Exception {
        List<UUID> tasks = List.of(stored().task(), stored().task(), stored().task());
        int before = store.batches().size();

        List<Future<Changed>> changes = on(() -> tasks.stream()
                .flatMap(task -> Stream.of(
                        writer.record(task, "progress", NOW, new Detail.Progressed(1, "")),
                        writer.change(task, "succeeded", NOW, ENDED)))
                .toList());
        for (Future<Changed> each : changes) {
            each.await(20, TimeUnit.SECONDS);
        }

        assertThat(store.batches().subList(before, store.batches().size())).containsExactly(tasks, tasks);
    }

    @Test
    void shouldRefuseAChangeOfATaskThatHasEnded() throws Exception {
        Submit task = stored();
        on(() -> writer.change(task.task(), "succeeded", NOW, ENDED)).await(20, TimeUnit.SECONDS);

        assertThat(code(on(() -> writer.change(task.task(), "succeeded", NOW, ENDED))))
                .isEqualTo(Code.TASK_ENDED);
    }

    @Test
    void shouldTellThatNothingWasDoneWhenTheStoreIsAwayAndComeBack() throws Exception {
        next(StoreExceptions.UNAVAILABLE);
        next(StoreExceptions.UNAVAILABLE);

        Future<Submitted> refused = submit(1).getFirst();

        assertThat(code(refused)).isEqualTo(Code.UNAVAILABLE);
        assertThat(observed.poll(20, TimeUnit.SECONDS)).isEqualTo("away");
        assertThat(observed.poll(20, TimeUnit.SECONDS)).isEqualTo("back");
        assertThat(submit(1).getFirst().await(20, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void shouldRefuseAtOnceWhatComesWhileTheStoreIsAway() throws Exception {
        store.outcomes.add(() -> Optional.of(StoreExceptions.UNAVAILABLE.make()));
        code(submit(1).getFirst());
        store.gate = new CompletableFuture<>();

        assertThat(code(submit(1).getFirst())).isEqualTo(Code.UNAVAILABLE);
        store.gate.complete(null);
    }

    @Test
    void shouldKeepWhatHasHappenedUntilTheStoreIsBack() throws Exception {
        Submit task = stored();
        next(StoreExceptions.UNAVAILABLE);
        next(StoreExceptions.UNAVAILABLE);

        Future<Changed> kept = on(() -> writer.record(task.task(), "succeeded", NOW, ENDED));

        assertThat(kept.await(20, TimeUnit.SECONDS).committed()).isTrue();
        assertThat(observed.poll(20, TimeUnit.SECONDS)).isEqualTo("away");
    }

    @Test
    void shouldWriteABatchAgainUntilItsOutcomeIsKnown() throws Exception {
        next(StoreExceptions.OUTCOME_UNKNOWN);
        next(StoreExceptions.UNAVAILABLE);
        next(StoreExceptions.OUTCOME_UNKNOWN);

        Future<Submitted> submitted = submit(1).getFirst();

        assertThat(submitted.await(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(store.batches())
                .hasSize(4)
                .allMatch(batch -> batch.equals(store.batches().getFirst()));
    }

    @Test
    void shouldFindTheOneThatCannotBeStoredAndStoreTheOthers() throws Exception {
        store.gate = new CompletableFuture<>();
        List<Future<Submitted>> all = submit(4);
        next(StoreExceptions.FAULT); // the four together
        store.outcomes.add(Optional::empty);
        next(StoreExceptions.FAULT); // the second of them alone
        store.gate.complete(null);

        assertThat(code(all.get(1))).isEqualTo(Code.UNAVAILABLE);
        for (int good : List.of(0, 2, 3)) {
            assertThat(all.get(good).await(20, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(observed).isEmpty();
    }

    /** Else nothing would be assigned any more: the broker waits for it. */
    @Test
    void shouldSayThatTheStoreIsBackWhenItComesBackWithARefusal() throws Exception {
        next(StoreExceptions.OUTCOME_UNKNOWN);
        next(StoreExceptions.FAULT);

        code(submit(1).getFirst());

        assertThat(observed.poll(20, TimeUnit.SECONDS)).isEqualTo("away");
        assertThat(observed.poll(20, TimeUnit.SECONDS)).isEqualTo("back");
    }

    @Test
    void shouldBoundWhatWaits() throws Exception {
        store.gate = new CompletableFuture<>();
        submit(1);

        List<Future<Submitted>> many = submit(51);

        assertThat(code(many.getLast())).isEqualTo(Code.OVERLOADED);
        store.gate.complete(null);
        assertThat(many.getFirst().await(20, TimeUnit.SECONDS)).isNotNull();
    }

    /** A write that was slower than the node that sent it: the next node learns of it, and does not write over it. */
    @Test
    void shouldRefuseAChangeWhenAnotherWriterWasThereBefore() throws Exception {
        Submit task = stored();
        get(store.kept.write(List.of(), List.of(new Change(task.task(), 2, "cancelled", NOW, ENDED))));

        Future<Changed> late = on(() -> writer.record(task.task(), "assigned", NOW, ASSIGNED));

        assertThat(code(late)).isEqualTo(Code.CONFLICT);
        assertThat(get(store.find(task.task())).orElseThrow().getState()).isEqualTo("succeeded");
    }

    /** The change of a task that is submitted again under its key goes to the task of the first time alone. */
    @Test
    void shouldNotTakeATaskForStoredWhoseKeyWasUsedBefore() throws Exception {
        SubmitTask request = SubmitTask.newBuilder().setIdempotencyKey("key").build();
        Submit first = new Submit(UUID.randomUUID(), request, NOW);
        Submit again = new Submit(UUID.randomUUID(), request, NOW);
        get(on(() -> writer.submit(first)));

        Submitted submitted = get(on(() -> writer.submit(again)));

        assertThat(submitted.task()).isEqualTo(first.task());
        assertThat(code(on(() -> writer.change(again.task(), "assigned", NOW, ASSIGNED))))
                .isEqualTo(Code.TASK_ENDED);
        assertThat(get(on(() -> writer.change(first.task(), "assigned", NOW, ASSIGNED)))
                        .committed())
                .isTrue();
    }

    @Test
    void shouldGoOnFromTheRevisionOfATaskThatWasOpenAtTheStart() throws Exception {
        Submit task = stored();
        get(on(() -> writer.change(task.task(), "assigned", NOW, ASSIGNED)));
        StoreWriter next = new StoreWriter(store, context, new NoObserver(), SHORTEST_PAUSE, 10, 50);

        Future<Changed> ended = on(() -> {
            next.loaded(task.task(), 2);
            return next.change(task.task(), "succeeded", NOW, ENDED);
        });

        assertThat(get(ended).committed()).isTrue();
        assertThat(get(ended).revision()).isEqualTo(3);
    }

    /** A batch that was stored though the answer was lost is stored once, and what came of it is told. */
    @Test
    void shouldTellOfWhatWasStoredThoughTheAnswerWasLost() throws Exception {
        Submit task = stored();
        store.outcomes.add(() -> {
            store.kept.write(List.of(), List.of(new Change(task.task(), 2, "assigned", NOW, ASSIGNED)));
            return Optional.of(StoreExceptions.OUTCOME_UNKNOWN.make());
        });

        Changed changed = get(on(() -> writer.change(task.task(), "assigned", NOW, ASSIGNED)));

        assertThat(changed.committed()).isTrue();
        assertThat(get(store.events(task.task(), 0, 10))).hasSize(2);
        assertThat(get(on(() -> writer.change(task.task(), "succeeded", NOW, ENDED)))
                        .revision())
                .isEqualTo(3);
    }

    @Test
    void shouldRefuseEverythingOnceAnotherNodeHasTakenOver() throws Exception {
        Submit task = stored();
        next(StoreExceptions.FENCED);

        Future<Changed> fenced = on(() -> writer.record(task.task(), "assigned", NOW, ASSIGNED));

        assertThat(code(fenced)).isEqualTo(Code.UNAVAILABLE);
        assertThat(observed.poll(20, TimeUnit.SECONDS)).isEqualTo("fenced");
        assertThat(code(on(() -> writer.submit(submit())))).isEqualTo(Code.UNAVAILABLE);
        assertThat(code(on(() -> writer.record(task.task(), "assigned", NOW, ASSIGNED))))
                .isEqualTo(Code.UNAVAILABLE);
        assertThat(on(writer::isIdle)).isTrue();
        assertThat(get(store.find(task.task())).orElseThrow().getRevision()).isEqualTo(1);
    }

    @Test
    void shouldSayThatTheOutcomeIsUnknownWhenItCouldNotBeLearntBeforeTheTakeover() throws Exception {
        next(StoreExceptions.OUTCOME_UNKNOWN);
        next(StoreExceptions.FENCED);

        Future<Submitted> submitted = on(() -> writer.submit(submit()));

        assertThat(code(submitted)).isEqualTo(Code.TIMEOUT);
    }

    @Test
    void shouldLetWhatIsBeingWrittenComeToItsEndAndRefuseWhatWaitsWhenItIsEnded() throws Exception {
        Submit first = stored();
        store.gate = new CompletableFuture<>();
        Future<Changed> underWay = on(() -> writer.change(first.task(), "assigned", NOW, ASSIGNED));
        on(() -> "the batch has begun");
        Future<Submitted> waiting = on(() -> writer.submit(submit()));

        on(() -> {
            writer.end();
            return "ended";
        });
        store.gate.complete(null);

        assertThat(code(waiting)).isEqualTo(Code.UNAVAILABLE);
        assertThat(get(underWay).committed()).isTrue();
        assertThat(observed).isEmpty();
    }

    /** Whatever the store does: each promise is kept, nothing is written twice, and what must be kept is kept. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldTellTheTruthWhateverTheStoreDoes(long seed) throws Exception {
        Random random = new Random(seed);
        List<Submit> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tasks.add(stored());
        }
        Map<UUID, Integer> told = new HashMap<>();
        List<Future<Changed>> kept = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            for (int i = random.nextInt(3); i > 0; i--) {
                next(StoreExceptions.values()[random.nextInt(2)]);
            }
            Map<UUID, Future<Changed>> asked = new HashMap<>();
            for (Submit task : tasks) {
                Detail.Progressed progress = new Detail.Progressed(round, "");
                if (random.nextBoolean()) {
                    asked.put(task.task(), on(() -> writer.change(task.task(), "progress", NOW, progress)));
                } else {
                    Future<Changed> record = on(() -> writer.record(task.task(), "progress", NOW, progress));
                    asked.put(task.task(), record);
                    kept.add(record);
                }
            }
            for (Map.Entry<UUID, Future<Changed>> each : asked.entrySet()) {
                boolean stored = get(each.getValue().transform(result -> Future.succeededFuture(result.succeeded())));
                told.merge(each.getKey(), stored ? 1 : 0, Integer::sum);
            }
        }

        assertThat(kept).as("seed " + seed).isNotEmpty().allMatch(Future::succeeded);
        for (Submit task : tasks) {
            assertThat(get(store.find(task.task())).orElseThrow().getRevision())
                    .as("seed " + seed)
                    .isEqualTo(1L + told.get(task.task()));
        }
        assertThat(on(writer::isIdle)).as("seed " + seed).isTrue();
    }
}
