package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import io.vertx.core.Future;
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

    private final TaskBroker broker;
    private final StoreWriter writer;
    private final ProgressWriter progress;
    private final AgentPost post;
    private final AllocationMeters meters;
    private final InstantSource clock;
    private final VersionTally tally;

    /** Stored, but no gateway took them yet: the agent has just attached, say. At most one per assigned task. */
    private final Map<UUID, Outgoing> undelivered = new HashMap<>();

    /** Likewise: an agent that has just attached named dead tokens. What finds no room here the next renewal tells. */
    private final List<Effect.Withdraw> untold = new ArrayList<>();

    private final Reminders reminders;
    private final Requirements requirements;
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
        this.requirements = new Requirements(store, succeeded -> run(broker.lookedUp(succeeded, clock.instant())));
        this.reminders = new Reminders(broker, store, requirements, this::sendOrKeep);
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
            case Effect.Release release ->
                record(release.task(), "released", new Detail.Released(), "waits for an agent");
            case Effect.LookUp lookUp -> requirements.lookUp(lookUp.required());
            case Effect.Requeue requeue -> store(requeue);
            case Effect.Bury bury -> {
                tally.failed(bury.task());
                end(bury.task(), "dead", bury.code(), bury.reason());
            }
            case Effect.Drop drop -> {
                tally.forget(drop.task());
                end(drop.task(), "cancelled", drop.code(), drop.reason());
            }
            case Effect.Withdraw withdraw -> tell(withdraw);
        }
    }

    private void store(Effect.Assign assign) {
        Instant now = clock.instant();
        AgentDefinition definition = broker.view().definitionOf(assign.agent());
        Detail detail = new Detail.Assigned(
                assign.agent(),
                assign.token(),
                assign.attempt(),
                assign.skillVersion(),
                definition.reference(),
                assign.grounds().why());
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
        meters.assigned(
                stored.task(),
                assign.attempt(),
                since(Instant.ofEpochMilli(stored.task().getSubmittedAtMs())),
                since(assign.grounds().since()));
        if (stored.task().getPlan().getRequiresCount() == 0) {
            sendOrKeep(new Outgoing(assign, stored.task(), List.of()));
        } else {
            reminders.add(new Effect.Remind(
                    assign.task(),
                    assign.token(),
                    assign.agent(),
                    assign.generation(),
                    assign.attempt(),
                    assign.lease()));
            reminders.tick();
        }
    }

    /** It is kept as long as no gateway takes it. */
    private void sendOrKeep(Outgoing outgoing) {
        if (!post.assign(outgoing)) {
            meters.undelivered();
            undelivered.put(outgoing.effect().task(), outgoing);
        }
    }

    private Duration since(Instant begin) {
        return Duration.between(begin, clock.instant());
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
            case Settlement.Approved ignored -> {} // no agent had it
            case Settlement.Disapproved ignored -> {}
        }
        run(broker.settled(task, settlement, clock.instant()));
    }

    /** Tries again what no gateway took, and goes on with what agents are to be reminded of. */
    void deliverAgain() {
        reminders.tick();
        requirements.tick();
        untold.removeIf(dead -> !broker.view().isAttached(dead.agent(), dead.generation()) || post.withdraw(dead));
        Iterator<Outgoing> waiting = undelivered.values().iterator();
        while (waiting.hasNext()) {
            Outgoing next = waiting.next();
            Effect.Assign assign = next.effect();
            boolean live = broker.view().holds(assign.agent(), assign.generation(), assign.task(), assign.token());
            if (!live || post.assign(next)) {
                waiting.remove();
            }
        }
    }

    private void store(Effect.Requeue requeue) {
        tally.failed(requeue.task());
        meters.requeued(requeue.code());
        Detail detail = new Detail.Requeued(requeue.attempt(), requeue.notBefore(), requeue.code(), requeue.reason());
        progress.writeBeforeLoss(requeue.task());
        record(requeue.task(), "requeued", detail, "is queued again");
    }

    private void end(UUID task, String state, Code code, String reason) {
        progress.writeBeforeLoss(task);
        record(task, state, new Detail.Ended(state, Optional.of(code), reason, "", ByteString.EMPTY), "is " + state)
                .onSuccess(stored -> meters.ended(state));
    }

    /** What has happened in any case. */
    private Future<Changed> record(UUID task, String type, Detail detail, String what) {
        Instant now = clock.instant();
        return writer.record(task, type, now, detail)
                .onSuccess(stored -> post.tell(type, now, detail, stored))
                .onFailure(cause -> unstored(task, what, cause));
    }

    /** Of a task of which another node decides now nothing is lost. */
    private void unstored(UUID task, String what, Throwable cause) {
        if (!writer.hasEnded()) {
            log.error("Task {} {}, which could not be stored", task, what, cause);
        }
    }
}
