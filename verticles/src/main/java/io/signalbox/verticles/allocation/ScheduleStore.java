package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.Schedule;
import io.vertx.core.Future;
import java.util.List;

/** Schedules, durably. A failed future carries a {@code StoreException}. Thread-safe. */
public interface ScheduleStore {
    /** By name, each with where it stands. */
    Future<List<Schedule>> load();

    /** Adds it or replaces the one of its name; what that fired last is kept. */
    Future<Void> put(Schedule schedule);

    /** Nothing happens when there is none. */
    Future<Void> delete(String name);

    /** @param fired with where they stand now; those that are not there any more are ignored */
    Future<Void> fired(List<Schedule> fired);
}
