package io.signalbox.verticles.allocation;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.ExplainTask;
import io.signalbox.codecs.internal.GetTask;
import io.signalbox.codecs.internal.GetTaskEvents;
import io.signalbox.codecs.internal.ListTasks;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskEvents;
import io.signalbox.codecs.internal.TaskExplanation;
import io.signalbox.codecs.internal.TaskPage;
import io.signalbox.codecs.internal.TaskView;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Reads tasks from the store, and says of those that wait what only the broker knows. Confined to the broker's event loop. */
final class TaskQueries {
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 100;
    private static final int FAR = 10_000;
    private static final int DECISIONS = 100;
    static final Set<String> ENDED = Set.of("succeeded", "dead", "cancelled");

    private static final Set<String> WAITING = Set.of("held", "queued");

    private final TaskStore store;
    private final BrokerView broker;
    private final InstantSource clock;

    TaskQueries(TaskStore store, BrokerView broker, InstantSource clock) {
        this.store = store;
        this.broker = broker;
        this.clock = clock;
    }

    /** With the reason why it waits, which only the broker knows. */
    TaskView explained(TaskView view) {
        if (!WAITING.contains(view.getState())) {
            return view;
        }
        return broker.standing(UUID.fromString(view.getId()), clock.instant())
                .filter(standing -> standing.agent().isEmpty())
                .map(standing -> view.toBuilder()
                        .setReasonCode(standing.code().number())
                        .setReason(standing.reason())
                        .build())
                .orElse(view);
    }

    /** And with its place in the queue, if it can be told by a look at so few tasks. */
    TaskView placed(TaskView view, int limit) {
        TaskView.Builder task = explained(view).toBuilder();
        broker.place(UUID.fromString(view.getId()), limit, clock.instant()).ifPresent(place -> {
            task.setQueuePosition(place.before());
            place.expected().ifPresent(wait -> task.setExpectedWaitMs(wait.toMillis()));
        });
        return task.build();
    }

    Future<TaskView> find(UUID id) {
        return store.find(id)
                .recover(AssignmentEnds::refused)
                .map(found ->
                        placed(found.orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no task " + id)), FAR));
    }

    Future<TaskExplanation> explain(ExplainTask request) {
        UUID id = AssignmentEnds.id(request.getId());
        return find(id).compose(task -> decisions(id, task.getRevision())
                .map(decisions -> TaskExplanation.newBuilder()
                        .setTask(task.toBuilder().clearInput().clearOutput())
                        .addAllStages(broker.explanations().of(id, clock.instant()))
                        .addAllDecisions(decisions)
                        .build()));
    }

    private Future<List<TaskEvent>> decisions(UUID id, long revision) {
        return store.events(id, Math.max(0, revision - DECISIONS), DECISIONS)
                .recover(AssignmentEnds::refused)
                .map(events -> events.stream()
                        .filter(event -> !event.getType().equals("progress"))
                        .toList());
    }

    Future<TaskView> task(GetTask request) {
        return find(AssignmentEnds.id(request.getId()));
    }

    Future<TaskPage> tasks(ListTasks request) {
        int limit = limit(request.getLimit());
        Optional<UUID> below =
                request.getCursor().isEmpty() ? Optional.empty() : Optional.of(AssignmentEnds.id(request.getCursor()));
        Optional<UUID> parent =
                request.getParent().isEmpty() ? Optional.empty() : Optional.of(AssignmentEnds.id(request.getParent()));
        return store.list(new TaskStore.Filter(request.getState(), request.getSkill(), parent), below, limit)
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

    Future<TaskEvents> events(GetTaskEvents request) {
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

    private static int limit(int wanted) {
        return wanted <= 0 ? DEFAULT_PAGE : Math.min(wanted, MAX_PAGE);
    }
}
