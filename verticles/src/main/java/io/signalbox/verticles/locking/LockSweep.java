package io.signalbox.verticles.locking;

import io.signalbox.verticles.locking.LockStore.Swept;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends leases that are over, when nobody asks for the lock meanwhile. Every node does: at the moment that it has heard of, and once a
 * second, should the one that had heard of it be dead. Doing it twice is harmless. Confined to its event loop.
 */
final class LockSweep {
    private static final Logger log = LoggerFactory.getLogger(LockSweep.class);
    private static final long PERIOD_MILLIS = 1000;

    private final Vertx vertx;
    private final LockStore store;
    private final LockNotices notices;
    private final LockMeters meters;
    private final Map<Integer, Appointment> appointments = new HashMap<>();
    private final long timer;

    private record Appointment(long due, long timer) {}

    LockSweep(Vertx vertx, LockStore store, LockNotices notices, LockMeters meters) {
        this.vertx = vertx;
        this.store = store;
        this.notices = notices;
        this.meters = meters;
        this.timer = vertx.setPeriodic(PERIOD_MILLIS, ignored -> sweepAll());
    }

    private void sweepAll() {
        for (int shard = 0; shard < LockKeys.SHARDS; shard++) {
            sweep(shard);
        }
    }

    private void sweep(int shard) {
        store.sweep(shard)
                .onSuccess(swept -> done(shard, swept))
                .onFailure(cause -> log.debug("Shard {} of locks is not swept: {}", shard, cause.getMessage()));
    }

    private void done(int shard, Swept swept) {
        notices.tell(swept.events());
        meters.used(shard, swept.locks());
        heard(shard, swept.micros(), swept.nextDue());
    }

    /**
     * @param micros of the store's clock now
     * @param due in milliseconds of that clock; 0: nothing is
     */
    void heard(int shard, long micros, long due) {
        Appointment last = appointments.get(shard);
        if (due == 0 || last != null && last.due() <= due) {
            return;
        }
        long wait = Math.max(1, due - micros / 1000 + 1);
        if (wait < PERIOD_MILLIS) {
            if (last != null) {
                vertx.cancelTimer(last.timer());
            }
            appointments.put(shard, new Appointment(due, vertx.setTimer(wait, ignored -> keep(shard))));
        }
    }

    private void keep(int shard) {
        appointments.remove(shard);
        sweep(shard);
    }

    void close() {
        vertx.cancelTimer(timer);
        appointments.values().forEach(appointment -> vertx.cancelTimer(appointment.timer()));
    }
}
