package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import io.signalbox.verticles.allocation.TaskStore.Submitted;
import io.signalbox.verticles.allocation.TaskStore.Written;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StoreWriterTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Detail ENDED = new Detail.Ended("succeeded", Optional.empty(), "", "", ByteString.EMPTY);
    private static final Detail ASSIGNED = new Detail.Assigned("a", 1, 1, "1.0.0");

    /** A store that answers as the test says, one batch at a time. */
    private static final class FakeTaskStore implements TaskStore {
        private final LinkedBlockingQueue<Supplier<Optional<Throwable>>> outcomes = new LinkedBlockingQueue<>();
        private final List<List<UUID>> batches = new ArrayList<>();
        private final Map<UUID, Long> revisions = new HashMap<>();
        private CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

        @Override
        public Future<Written> write(List<Submit> submits, List<Change> changes) {
            List<UUID> tasks = new ArrayList<>();
            submits.forEach(submit -> tasks.add(submit.task()));
            changes.forEach(change -> tasks.add(change.task()));
            synchronized (this) {
                batches.add(tasks);
            }
            return Future.fromCompletionStage(gate, Vertx.currentContext()).compose(open -> {
                Supplier<Optional<Throwable>> outcome = outcomes.poll();
                Optional<Throwable> failure = outcome == null ? Optional.empty() : outcome.get();
                return failure.<Future<Written>>map(Future::failedFuture)
                        .orElseGet(() -> Future.succeededFuture(written(submits, changes)));
            });
        }

        private Written written(List<Submit> submits, List<Change> changes) {
            Map<UUID, Submitted> submitted = new HashMap<>();
            submits.forEach(submit -> {
                revisions.putIfAbsent(submit.task(), 1L);
                submitted.put(submit.task(), new Submitted(submit.task(), new byte[0]));
            });
            Map<UUID, Changed> changed = new HashMap<>();
            changes.forEach(change -> {
                long revision = revisions.getOrDefault(change.task(), 0L);
                if (revision == change.revision() - 1) {
                    revision = change.revision();
                    revisions.put(change.task(), revision);
                }
                changed.put(
                        change.task(),
                        new Changed(revision == change.revision(), revision, TaskView.getDefaultInstance()));
            });
            return new Written(submitted, changed);
        }

        private synchronized List<List<UUID>> batches() {
            return List.copyOf(batches);
        }

        @Override
        public Future<List<Loaded>> loadOpen() {
            return Future.failedFuture("not used here");
        }

        @Override
        public Future<Optional<TaskView>> find(UUID id) {
            return Future.failedFuture("not used here");
        }

        @Override
        public Future<List<TaskView>> list(String state, String skill, Optional<UUID> below, int limit) {
            return Future.failedFuture("not used here");
        }

        @Override
        public Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit) {
            return Future.failedFuture("not used here");
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final FakeTaskStore store = new FakeTaskStore();
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
        };
        writer = new StoreWriter(store, context, observer, new Random(1), 10, 50);
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

        assertThat(store.revisions.get(task.task())).isEqualTo(4);
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
}
