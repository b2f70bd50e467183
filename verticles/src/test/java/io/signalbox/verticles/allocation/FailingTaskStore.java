package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.postgres.StoreExceptions;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Fails as long as it is told to, and else keeps what it is given. */
record FailingTaskStore(TaskStore kept, Supplier<Optional<StoreExceptions>> failure) implements TaskStore {

    private <T> Future<T> unlessFailing(Supplier<Future<T>> call) {
        return failure.get()
                .<Future<T>>map(how -> Future.failedFuture(how.make()))
                .orElseGet(call);
    }

    @Override
    public Future<List<Loaded>> loadOpen() {
        return unlessFailing(kept::loadOpen);
    }

    @Override
    public Future<Written> write(List<StoreWrite.Submit> submits, List<StoreWrite.Change> changes) {
        return unlessFailing(() -> kept.write(submits, changes));
    }

    @Override
    public Future<Optional<TaskView>> find(UUID id) {
        return unlessFailing(() -> kept.find(id));
    }

    @Override
    public Future<List<TaskView>> findAll(List<UUID> ids) {
        return unlessFailing(() -> kept.findAll(ids));
    }

    @Override
    public Future<Map<UUID, String>> states(List<UUID> ids) {
        return unlessFailing(() -> kept.states(ids));
    }

    @Override
    public Future<List<TaskView>> list(Filter filter, Optional<UUID> below, int limit) {
        return unlessFailing(() -> kept.list(filter, below, limit));
    }

    @Override
    public Future<Trees> trees(List<UUID> roots) {
        return unlessFailing(() -> kept.trees(roots));
    }

    @Override
    public Future<List<UUID>> openBelow(UUID ancestor) {
        return unlessFailing(() -> kept.openBelow(ancestor));
    }

    @Override
    public Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit) {
        return unlessFailing(() -> kept.events(task, afterRevision, limit));
    }
}
