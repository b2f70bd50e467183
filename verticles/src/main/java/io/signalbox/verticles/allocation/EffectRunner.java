package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Performs what the {@link TaskBroker} wants: first store, then tell. Confined to its event loop. */
final class EffectRunner {
    private static final Logger log = LoggerFactory.getLogger(EffectRunner.class);

    private static final int MAX_UNTOLD = 10_000;

    private record Undelivered(Effect.Assign effect, TaskView task) {}

    private final TaskBroker broker;
    private final StoreWriter writer;
    private final ProgressWriter progress;
    private final AgentPost post;
    private final AllocationMeters meters;
    private final InstantSource clock;
    private final VersionTally tally;

    /** Stored, but no gateway took them yet: the agent has just attached, say. At most one per assigned task. */
    private final Map<UUID, Undelivered> undelivered = new HashMap<>();

    /** Likewise: an agent that has just attached named dead tokens. What finds no room here the next renewal tells. */
    private final List<Effect.Withdraw> untold = new ArrayList<>();

    private final Reminders reminders;
    private final Queue<Effect> wanted = new ArrayDeque<>();
    private boolean running;

    EffectRunner(
            TaskBroker broker,
            TaskStore store,
            StoreWriter writer,
            ProgressWriter progress,
            AgentPost post,
            AllocationMeters meters,
            InstantSource clock,
            VersionTally tally) {
        this.broker = broker;
        this.writer = writer;
        this.progress = progress;
        this.post = post;
        this.meters = meters;
        this.clock = clock;
        this.tally = tally;
        this.reminders = new Reminders(broker, store, this::sendOrKeep);
    }

    /** One after the other: what follows from an effect that fails at once comes after the rest, not within it. */
    void run(List<Effect> effects) {
        wanted.addAll(effects);
        if (running) {
            return;
        }
        running = true;
        try {
            while (!wanted.isEmpty()) {
                run(wanted.poll());
            }
        } finally {
            running = false;
        }
        meters.open(broker.view().open());
    }

    private void run(Effect effect) {
        switch (effect) {
            case Effect.Assign assign -> store(assign);
            case Effect.Remind remind -> reminders.add(remind);
            case Effect.Requeue requeue -> store(requeue);
            case Effect.Bury bury -> store(bury);
            case Effect.Withdraw withdraw -> tell(withdraw);
        }
    }

    private void store(Effect.Assign assign) {
        Instant now = clock.instant();
        AgentDefinition definition = broker.view().definitionOf(assign.agent());
        Detail detail = new Detail.Assigned(
                assign.agent(), assign.token(), assign.attempt(), assign.skillVersion(), definition.reference());
        writer.change(assign.task(), "assigned", now, detail)
                .onSuccess(stored -> {
                    post.tell("assigned", now, detail, stored);
                    tally.assigned(assign.task(), definition, clock.instant());
                    send(assign, stored);
                })
                .onFailure(cause -> {
                    log.debug("Task {} could not be assigned: {}", assign.task(), cause.getMessage());
                    run(broker.assignFailed(assign.task(), assign.token(), clock.instant()));
                });
    }

    private void send(Effect.Assign assign, Changed stored) {
        if (sendOrKeep(assign, stored.task())) {
            meters.assigned(assign.attempt(), sinceSubmit(stored.task()));
        }
    }

    /** False: no gateway took it yet. */
    private boolean sendOrKeep(Effect.Assign assign, TaskView task) {
        if (post.assign(assign, task)) {
            return true;
        }
        meters.undelivered();
        undelivered.put(assign.task(), new Undelivered(assign, task));
        return false;
    }

    private Duration sinceSubmit(TaskView task) {
        return Duration.between(Instant.ofEpochMilli(task.getSubmittedAtMs()), clock.instant());
    }

    private void tell(Effect.Withdraw withdraw) {
        if (!post.withdraw(withdraw) && untold.size() < MAX_UNTOLD) {
            untold.add(withdraw);
        }
    }

    /** An assignment's end by somebody's word is stored. */
    void settled(UUID task, Settlement settlement) {
        switch (settlement) {
            case Settlement.Succeeded ignored -> tally.succeeded(task, clock.instant());
            case Settlement.Dead ignored -> tally.failed(task);
            case Settlement.Retry ignored -> tally.failed(task);
            case Settlement.Cancelled ignored -> tally.forget(task);
            case Settlement.Returned ignored -> tally.forget(task);
        }
        run(broker.settled(task, settlement, clock.instant()));
    }

    /** Tries again what no gateway took, and goes on with what agents are to be reminded of. */
    void deliverAgain() {
        reminders.tick();
        untold.removeIf(dead -> !broker.view().isAttached(dead.agent(), dead.generation()) || post.withdraw(dead));
        Iterator<Undelivered> waiting = undelivered.values().iterator();
        while (waiting.hasNext()) {
            Undelivered next = waiting.next();
            Effect.Assign assign = next.effect();
            boolean live = broker.view().holds(assign.agent(), assign.generation(), assign.task(), assign.token());
            if (!live || post.assign(assign, next.task())) {
                waiting.remove();
            }
        }
    }

    private void store(Effect.Requeue requeue) {
        tally.failed(requeue.task());
        meters.requeued(requeue.code());
        Detail detail = new Detail.Requeued(requeue.attempt(), requeue.notBefore(), requeue.code(), requeue.reason());
        Instant now = clock.instant();
        progress.writeBeforeLoss(requeue.task());
        writer.record(requeue.task(), "requeued", now, detail)
                .onSuccess(stored -> post.tell("requeued", now, detail, stored))
                .onFailure(cause -> unstored(requeue.task(), "is queued again", cause));
    }

    /** Of a task of which another node decides now nothing is lost. */
    private void unstored(UUID task, String what, Throwable cause) {
        if (!writer.hasEnded()) {
            log.error("Task {} {}, which could not be stored", task, what, cause);
        }
    }

    private void store(Effect.Bury bury) {
        tally.failed(bury.task());
        Detail detail = new Detail.Ended("dead", Optional.of(bury.code()), bury.reason(), "", ByteString.EMPTY);
        Instant now = clock.instant();
        progress.writeBeforeLoss(bury.task());
        writer.record(bury.task(), "dead", now, detail)
                .onSuccess(stored -> {
                    meters.ended("dead");
                    post.tell("dead", now, detail, stored);
                })
                .onFailure(cause -> unstored(bury.task(), "is dead", cause));
    }
}
