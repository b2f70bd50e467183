package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.RequirementResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of tasks that others require, from the store: whether they succeeded, and with what. Confined to its event loop. */
final class Requirements {
    private static final Logger log = LoggerFactory.getLogger(Requirements.class);
    private static final int BATCH = 1000;

    /** Bytes of outputs in one assignment; the frame has to take the input besides. */
    static final int MAX_RESULTS = 256 * 1024;

    private final TaskStore store;
    private final Consumer<Map<UUID, Boolean>> found;

    /** At most as many as open tasks require. */
    private final Set<UUID> asked = new LinkedHashSet<>();

    private boolean reading;

    /** @param found told by task whether it succeeded; only of those that have ended, or are not there at all */
    Requirements(TaskStore store, Consumer<Map<UUID, Boolean>> found) {
        this.store = store;
        this.found = found;
    }

    void lookUp(List<UUID> tasks) {
        asked.addAll(tasks);
        tick();
    }

    /** Goes on with what was asked; several times a second. */
    void tick() {
        if (reading || asked.isEmpty()) {
            return;
        }
        reading = true;
        List<UUID> batch = asked.stream().limit(BATCH).toList();
        batch.forEach(asked::remove);
        store.states(batch)
                .onComplete(done -> reading = false)
                .onSuccess(states -> tell(batch, states))
                .onFailure(cause -> {
                    log.debug("Required tasks cannot be read now: {}", cause.toString());
                    asked.addAll(batch);
                });
    }

    private void tell(List<UUID> batch, Map<UUID, String> states) {
        Map<UUID, Boolean> ended = new HashMap<>();
        for (UUID task : batch) {
            String state = states.getOrDefault(task, "dead");
            if (TaskQueries.ENDED.contains(state)) {
                ended.put(task, state.equals("succeeded"));
            } else {
                asked.add(task); // its end is still being stored; should it be open, nobody minds the answer
            }
        }
        found.accept(ended);
    }

    /** In the order in which the task names them. */
    Future<List<RequirementResult>> resultsFor(TaskView task) {
        List<String> required = task.getPlan().getRequiresList();
        if (required.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        return store.findAll(required.stream().map(UUID::fromString).toList()).map(views -> {
            Map<String, TaskView> byId = new HashMap<>();
            views.forEach(view -> byId.put(view.getId(), view));
            return results(required, byId);
        });
    }

    private static List<RequirementResult> results(List<String> required, Map<String, TaskView> byId) {
        List<RequirementResult> results = new ArrayList<>();
        int room = MAX_RESULTS;
        for (String id : required) {
            TaskView view =
                    byId.getOrDefault(id, TaskView.newBuilder().setState("dead").build());
            boolean fits = view.getOutput().size() <= room;
            room -= fits ? view.getOutput().size() : 0;
            RequirementResult.Builder result =
                    RequirementResult.newBuilder().setTask(id).setState(view.getState());
            results.add((fits
                            ? result.setContentType(view.getOutputContentType()).setOutput(view.getOutput())
                            : result.setLeftOut(true))
                    .build());
        }
        return results;
    }
}
