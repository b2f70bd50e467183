package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/** Fails as the test says, one batch at a time, and else keeps what it is given. */
final class ScriptedTaskStore implements TaskStore {
    final TaskStore kept = new InMemoryTaskStore();
    final LinkedBlockingQueue<Supplier<Optional<Throwable>>> outcomes = new LinkedBlockingQueue<>();
    private final List<List<UUID>> batches = new ArrayList<>();
    CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

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
            return failure.<Future<Written>>map(Future::failedFuture).orElseGet(() -> kept.write(submits, changes));
        });
    }

    synchronized List<List<UUID>> batches() {
        return List.copyOf(batches);
    }

    @Override
    public Future<List<Loaded>> loadOpen() {
        return kept.loadOpen();
    }

    @Override
    public Future<Optional<TaskView>> find(UUID id) {
        return kept.find(id);
    }

    @Override
    public Future<List<TaskView>> findAll(List<UUID> ids) {
        return kept.findAll(ids);
    }

    @Override
    public Future<Map<UUID, String>> states(List<UUID> ids) {
        return kept.states(ids);
    }

    @Override
    public Future<List<TaskView>> list(Filter filter, Optional<UUID> below, int limit) {
        return kept.list(filter, below, limit);
    }

    @Override
    public Future<Trees> trees(List<UUID> roots) {
        return kept.trees(roots);
    }

    @Override
    public Future<List<UUID>> openBelow(UUID ancestor) {
        return kept.openBelow(ancestor);
    }

    @Override
    public Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit) {
        return kept.events(task, afterRevision, limit);
    }
}
