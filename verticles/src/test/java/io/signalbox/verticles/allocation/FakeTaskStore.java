package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** As much of a store as the services before it need to be tried; it fails when it is told to. */
final class FakeTaskStore implements TaskStore {
    private final Map<UUID, TaskView> tasks = new HashMap<>();
    Optional<Throwable> failure = Optional.empty();

    void put(TaskView task) {
        tasks.put(UUID.fromString(task.getId()), task);
    }

    TaskView get(UUID task) {
        return tasks.get(task);
    }

    @Override
    public Future<Written> write(List<Submit> submits, List<Change> changes) {
        if (failure.isPresent()) {
            return Future.failedFuture(failure.get());
        }
        Map<UUID, Changed> changed = new HashMap<>();
        for (Change change : changes) {
            TaskView task = changed(tasks.get(change.task()).toBuilder(), change.detail())
                    .setRevision(change.revision())
                    .build();
            put(task);
            changed.put(change.task(), new Changed(true, change.revision(), task));
        }
        return Future.succeededFuture(new Written(Map.of(), changed));
    }

    private static TaskView.Builder changed(TaskView.Builder task, Detail detail) {
        return switch (detail) {
            case Detail.Approved ignored -> task;
            case Detail.Disapproved ignored -> task.setState("dead");
            case Detail.Released ignored -> task.setState("queued");
            case Detail.Assigned assigned ->
                task.setState("assigned")
                        .setAgent(assigned.agent())
                        .setToken(assigned.token())
                        .setAttempt(assigned.attempt());
            case Detail.Progressed ignored -> task;
            case Detail.Requeued requeued ->
                task.setState("queued")
                        .setAttempt(requeued.attempt())
                        .setReasonCode(requeued.code().number())
                        .setReason(requeued.reason());
            case Detail.Ended ended ->
                task.setState(ended.state())
                        .setReasonCode(ended.code().map(Code::number).orElse(0))
                        .setReason(ended.reason())
                        .setOutput(ended.output());
        };
    }

    @Override
    public Future<Optional<TaskView>> find(UUID id) {
        return failure.<Future<Optional<TaskView>>>map(Future::failedFuture)
                .orElseGet(() -> Future.succeededFuture(Optional.ofNullable(tasks.get(id))));
    }

    @Override
    public Future<List<Loaded>> loadOpen() {
        return Future.failedFuture("not used here");
    }

    @Override
    public Future<List<TaskView>> findAll(List<UUID> ids) {
        return failure.<Future<List<TaskView>>>map(Future::failedFuture)
                .orElseGet(() -> Future.succeededFuture(
                        ids.stream().filter(tasks::containsKey).map(tasks::get).toList()));
    }

    @Override
    public Future<Map<UUID, String>> states(List<UUID> ids) {
        return findAll(ids).map(found -> {
            Map<UUID, String> states = new HashMap<>();
            found.forEach(task -> states.put(UUID.fromString(task.getId()), task.getState()));
            return states;
        });
    }

    @Override
    public Future<List<TaskView>> list(Filter filter, Optional<UUID> below, int limit) {
        return Future.failedFuture("not used here");
    }

    @Override
    public Future<Trees> trees(List<UUID> roots) {
        return Future.failedFuture("not used here");
    }

    @Override
    public Future<List<UUID>> openBelow(UUID ancestor) {
        return Future.failedFuture("not used here");
    }

    @Override
    public Future<List<TaskEvent>> events(UUID task, long afterRevision, int limit) {
        return Future.failedFuture("not used here");
    }
}
