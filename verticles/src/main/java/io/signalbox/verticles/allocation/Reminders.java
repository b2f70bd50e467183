package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.TaskView;
import io.signalbox.codecs.proto.RequirementResult;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads stored assignments and sends them to their agents: once more after a change of the node that allocates, where agents ignore
 * what they have already, and with the results of the tasks that were required. Confined to its event loop.
 */
final class Reminders {
    private static final Logger log = LoggerFactory.getLogger(Reminders.class);
    private static final int BATCH = 200;

    private final TaskBroker broker;
    private final TaskStore store;
    private final Requirements requirements;
    private final Consumer<Outgoing> send;

    /** At most one for each assigned task. */
    private final Queue<Effect.Remind> waiting = new ArrayDeque<>();

    private boolean reading;

    Reminders(TaskBroker broker, TaskStore store, Requirements requirements, Consumer<Outgoing> send) {
        this.broker = broker;
        this.store = store;
        this.requirements = requirements;
        this.send = send;
    }

    void add(Effect.Remind remind) {
        waiting.add(remind);
    }

    /** Goes on with what waits; several times a second. */
    void tick() {
        if (reading || waiting.isEmpty()) {
            return;
        }
        Map<UUID, Effect.Remind> batch = new HashMap<>();
        while (batch.size() < BATCH && !waiting.isEmpty()) {
            Effect.Remind next = waiting.poll();
            batch.put(next.task(), next);
        }
        read(batch);
    }

    private void read(Map<UUID, Effect.Remind> batch) {
        reading = true;
        List<UUID> ids = new ArrayList<>(batch.keySet());
        store.findAll(ids)
                .onComplete(done -> reading = false)
                .onSuccess(found -> {
                    found.forEach(task -> remind(batch.get(UUID.fromString(task.getId())), task));
                    tick();
                })
                .onFailure(cause -> {
                    log.debug("Assignments cannot be read now: {}", cause.toString());
                    waiting.addAll(batch.values());
                });
    }

    private void remind(Effect.Remind remind, TaskView task) {
        requirements
                .resultsFor(task)
                .onSuccess(results -> send(remind, task, results))
                .onFailure(cause -> add(remind));
    }

    private void send(Effect.Remind remind, TaskView task, List<RequirementResult> results) {
        if (broker.view().holds(remind.agent(), remind.generation(), remind.task(), remind.token())) {
            Effect.Assign assign = new Effect.Assign(
                    remind.task(),
                    remind.token(),
                    remind.agent(),
                    remind.generation(),
                    task.getSkillVersion(),
                    remind.attempt(),
                    remind.lease(),
                    new Effect.Grounds(Instant.ofEpochMilli(task.getSubmittedAtMs()), ""));
            send.accept(new Outgoing(assign, task, results));
        }
    }
}
