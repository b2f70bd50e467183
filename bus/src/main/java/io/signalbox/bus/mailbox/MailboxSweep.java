package io.signalbox.bus.mailbox;

import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Mark;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what was put into mailboxes and announced by no live copy, as when the node that put it there died. Asks the store
 * every few seconds for all mailboxes of the cluster, and tells whoever listens on this node. Thread-safe.
 */
public final class MailboxSweep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MailboxSweep.class);
    private static final Duration INTERVAL = Duration.ofSeconds(3);

    /** Of no history that there is, so that whoever has the mailbox looks. */
    private static final Cursor UNKNOWN = Cursor.beginningOf(-1);

    private record Listener(Context context, Consumer<Map<String, Cursor>> target) {}

    private final MailboxStore store;
    private final Vertx vertx;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final long timer;
    private volatile Mark since = Mark.START;

    public MailboxSweep(Vertx vertx, MailboxStore store) {
        this.vertx = vertx;
        this.store = store;
        this.timer = vertx.setPeriodic(INTERVAL.toMillis(), ignored -> sweep());
    }

    /**
     * @param target told, on the context, the agents whose mailboxes changed and the last positions of their lanes
     * @return ends it
     */
    public Runnable listen(Context context, Consumer<Map<String, Cursor>> target) {
        Listener listener = new Listener(context, target);
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Something was put into the agent's mailbox without a live copy. */
    public void wake(String agent) {
        tell(Map.of(agent, UNKNOWN));
    }

    /** The store was away: nobody knows what was announced meanwhile. */
    public void sweepAll() {
        since = Mark.START;
        sweep();
    }

    private void sweep() {
        if (!sweeping.compareAndSet(false, true)) {
            return;
        }
        Mark begin = since;
        store.changedSince(begin)
                .onComplete(done -> sweeping.set(false))
                .onSuccess(changed -> {
                    if (since == begin) {
                        since = changed.until();
                    }
                    if (!changed.newest().isEmpty()) {
                        tell(changed.newest());
                    }
                })
                .onFailure(cause -> log.debug("Mailboxes cannot be swept now", cause));
    }

    private void tell(Map<String, Cursor> newest) {
        listeners.forEach(
                each -> each.context().runOnContext(ignored -> each.target().accept(newest)));
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
    }
}
