package io.signalbox.verticles.allocation;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.StoreWrite.Change;
import io.signalbox.verticles.allocation.StoreWrite.Detail;
import io.signalbox.verticles.allocation.StoreWrite.Submit;
import io.signalbox.verticles.allocation.TaskStore.Changed;
import io.signalbox.verticles.allocation.TaskStore.Submitted;
import io.signalbox.verticles.allocation.TaskStore.Written;
import io.signalbox.verticles.postgres.StoreException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: while one batch is being written the next one collects, so an idle node waits for nothing and a busy one
 * pays one fsync for many. When the store is away, what somebody waits for is refused at once, what must not be forgotten
 * is kept and written later, and a batch with an unknown outcome is written again until it is known. Confined to its
 * event loop.
 */
final class StoreWriter {
    private static final Logger log = LoggerFactory.getLogger(StoreWriter.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofMillis(200);
    private static final long MIN_PAUSE_MILLIS = 100;
    private static final long MAX_PAUSE_MILLIS = 1000;

    /** Told when the store goes away, when it is back, and when it takes nothing of this node any more. */
    interface Observer {
        void away();

        void back();

        void fenced();
    }

    private sealed interface Item {
        UUID task();

        void fail(Throwable cause);
    }

    private record SubmitItem(Submit submit, Promise<Submitted> promise) implements Item {
        @Override
        public UUID task() {
            return submit.task();
        }

        @Override
        public void fail(Throwable cause) {
            promise.fail(cause);
        }
    }

    private record ChangeItem(Change change, boolean mustBeKept, Promise<Changed> promise) implements Item {
        @Override
        public UUID task() {
            return change.task();
        }

        @Override
        public void fail(Throwable cause) {
            promise.fail(cause);
        }
    }

    private final TaskStore store;
    private final Context context;
    private final Observer observer;
    private final RandomGenerator random;
    private final int batchSize;
    private final int maxQueued;

    /** Last stored revision of every open task. */
    private final Map<UUID, Long> revisions = new HashMap<>();

    private final ArrayDeque<Item> queue = new ArrayDeque<>();

    /** Being written, or to be written again because the outcome is unknown. */
    private List<Item> batch = List.of();

    private boolean scheduled;
    private boolean writing;
    private boolean away;
    private boolean ended;

    /** So many of the next items go alone: one of them broke a batch. */
    private int alone;

    StoreWriter(
            TaskStore store, Context context, Observer observer, RandomGenerator random, int batchSize, int maxQueued) {
        this.store = store;
        this.context = context;
        this.observer = observer;
        this.random = random;
        this.batchSize = batchSize;
        this.maxQueued = maxQueued;
    }

    /** A task that was open when the node started. */
    void loaded(UUID task, long revision) {
        revisions.put(task, revision);
    }

    /** Completes when the task is committed. Fails with {@link ServiceException}. */
    Future<Submitted> submit(Submit submit) {
        Promise<Submitted> promise = Promise.promise();
        add(new SubmitItem(submit, promise), false);
        return promise.future();
    }

    /** A change that somebody waits for: refused while the store is away. */
    Future<Changed> change(UUID task, String type, Instant at, Detail detail) {
        return change(task, type, at, detail, false);
    }

    /** A change that has happened in any case: kept until it is stored. */
    Future<Changed> record(UUID task, String type, Instant at, Detail detail) {
        return change(task, type, at, detail, true);
    }

    private Future<Changed> change(UUID task, String type, Instant at, Detail detail, boolean mustBeKept) {
        Promise<Changed> promise = Promise.promise();
        add(new ChangeItem(new Change(task, 0, type, at, detail), mustBeKept, promise), mustBeKept);
        return promise.future();
    }

    private void add(Item item, boolean mustBeKept) {
        if (ended) {
            item.fail(movedOn());
        } else if (away && !mustBeKept) {
            item.fail(unavailable());
        } else if (queue.size() >= maxQueued && !mustBeKept) {
            item.fail(new ServiceException(Code.OVERLOADED, "too many writes wait for the store", RETRY_AFTER));
        } else {
            queue.add(item);
            schedule();
        }
    }

    private static ServiceException unavailable() {
        return new ServiceException(Code.UNAVAILABLE, "the store is away; nothing was done, try again", RETRY_AFTER);
    }

    private static ServiceException movedOn() {
        return new ServiceException(
                Code.UNAVAILABLE, "another node allocates from now on; nothing was done, ask again", SOON);
    }

    /** At the end of the event loop's turn, so that what comes in one turn goes in one batch. */
    private void schedule() {
        if (!scheduled && !writing && !away) {
            scheduled = true;
            context.runOnContext(ignored -> {
                scheduled = false;
                writeNext();
            });
        }
    }

    private void writeNext() {
        if (writing || away || ended || queue.isEmpty()) {
            return;
        }
        batch = takeBatch();
        write();
    }

    /** The oldest, but of each task one: its next ones stay in front for the next batch. */
    private List<Item> takeBatch() {
        List<Item> taken = new ArrayList<>();
        List<Item> left = new ArrayList<>();
        Set<UUID> tasks = new HashSet<>();
        int limit = alone > 0 ? 1 : batchSize;
        while (taken.size() < limit && left.size() < limit && !queue.isEmpty()) {
            Item next = queue.poll();
            (tasks.add(next.task()) ? taken : left).add(next);
        }
        left.reversed().forEach(queue::addFirst);
        alone = Math.max(0, alone - 1);
        return taken;
    }

    private void write() {
        List<Submit> submits = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        for (Item item : batch) {
            switch (item) {
                case SubmitItem submit -> submits.add(submit.submit());
                case ChangeItem change -> {
                    Long revision = revisions.get(change.task());
                    if (revision != null) {
                        changes.add(change.change().atRevision(revision + 1));
                    }
                }
            }
        }
        writing = true;
        store.write(submits, changes).onComplete(result -> {
            writing = false;
            if (result.succeeded()) {
                written(result.result());
            } else {
                failed(result.cause());
            }
        });
    }

    /** Writes nothing more; what is being written still comes to its end. Idempotent. */
    void end() {
        ended = true;
        List<Item> waiting = List.copyOf(queue);
        queue.clear();
        waiting.forEach(item -> item.fail(movedOn()));
        if (!writing) {
            failUnknown();
        }
    }

    /** What was to be written again. */
    private void failUnknown() {
        List<Item> unknown = batch;
        batch = List.of();
        unknown.forEach(item -> item.fail(new ServiceException(
                Code.TIMEOUT, "another node allocates from now on; whether it was done is unknown", SOON)));
    }

    private void written(Written outcome) {
        List<Item> done = batch;
        batch = List.of();
        done.forEach(item -> finish(item, outcome));
        comeBack();
        writeNext();
    }

    private void finish(Item item, Written outcome) {
        switch (item) {
            case SubmitItem submit -> finish(submit, outcome.submitted().get(submit.task()));
            case ChangeItem change -> finish(change, outcome.changed().get(change.task()));
        }
    }

    private void finish(SubmitItem item, Submitted submitted) {
        if (submitted.task().equals(item.task())) {
            revisions.put(item.task(), 1L);
        }
        item.promise().complete(submitted);
    }

    private void finish(ChangeItem item, Changed changed) {
        if (!revisions.containsKey(item.task())) {
            item.fail(new ServiceException(Code.TASK_ENDED, "the task has ended already"));
            return;
        }
        if (changed == null || !changed.committed()) {
            log.error(
                    "Task {} was not at the revision that a {} was made for",
                    item.task(),
                    item.change().type());
            item.fail(new ServiceException(Code.CONFLICT, "the task has changed meanwhile"));
            return;
        }
        if (item.change().detail().ends()) {
            revisions.remove(item.task());
        } else {
            revisions.merge(item.task(), 1L, Long::sum);
        }
        item.promise().complete(changed);
    }

    private void failed(Throwable cause) {
        StoreException.Kind kind = cause instanceof StoreException known ? known.kind() : StoreException.Kind.FAULT;
        boolean isUnknown = away && !batch.isEmpty();
        if (ended) {
            failUnknown();
            return;
        }
        switch (kind) {
            case UNAVAILABLE -> goAway(cause, isUnknown);
            case OUTCOME_UNKNOWN -> goAway(cause, true);
            case FENCED -> fenced(isUnknown);
            case FAULT -> isolate(cause);
        }
    }

    private void fenced(boolean isUnknown) {
        log.warn("Another node has taken over: what was to be written is not");
        ended = true;
        if (!isUnknown) {
            batch.reversed().forEach(queue::addFirst);
            batch = List.of();
        }
        end();
        observer.fenced();
    }

    private void goAway(Throwable cause, boolean outcomeUnknown) {
        if (!away) {
            away = true;
            log.warn("The task store is away: {}", cause.toString());
            observer.away();
        }
        if (!outcomeUnknown) {
            List<Item> nothingDone = batch;
            batch = List.of();
            nothingDone.reversed().forEach(queue::addFirst);
        }
        refuseWaiting();
        // The batch with the unknown outcome again; else an empty one, which finds out whether the store is there.
        long pause = random.nextLong(MIN_PAUSE_MILLIS, MAX_PAUSE_MILLIS);
        context.owner().setTimer(pause, ignored -> {
            if (!ended) {
                write();
            }
        });
    }

    private void refuseWaiting() {
        List<Item> waiting = new ArrayList<>(queue);
        queue.clear();
        for (Item item : waiting) {
            if (item instanceof ChangeItem change && change.mustBeKept()) {
                queue.add(item);
            } else {
                item.fail(unavailable());
            }
        }
    }

    /** Something in the batch cannot be stored, ever: the items are tried one by one. */
    private void isolate(Throwable cause) {
        if (batch.size() > 1) {
            alone = batch.size();
            List<Item> again = batch;
            batch = List.of();
            again.reversed().forEach(queue::addFirst);
        } else {
            batch.forEach(item -> refuse(item, cause));
            batch = List.of();
        }
        comeBack();
        writeNext();
    }

    /** It answered. */
    private void comeBack() {
        if (away) {
            away = false;
            log.info("The task store is back");
            observer.back();
        }
    }

    private static void refuse(Item item, Throwable cause) {
        log.error("The store refused a write about task {}", item.task(), cause);
        item.fail(
                cause instanceof StoreException known
                        ? known.refusal()
                        : new ServiceException(Code.UNAVAILABLE, "the write failed; see the node's log"));
    }

    boolean isAway() {
        return away;
    }

    /** Another node has the work now, or will have. */
    boolean hasEnded() {
        return ended;
    }

    /** Whether nothing is being written or waits. */
    boolean isIdle() {
        return !writing && queue.isEmpty() && batch.isEmpty();
    }
}
