package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.Schedule;
import io.vertx.core.Future;
import java.util.List;
import java.util.TreeMap;

/** Keeps schedules in the simplest way, for tests of what uses a store. Thread-safe. */
final class InMemoryScheduleStore implements ScheduleStore {
    private final TreeMap<String, Schedule> schedules = new TreeMap<>();

    @Override
    public synchronized Future<List<Schedule>> load() {
        return Future.succeededFuture(List.copyOf(schedules.values()));
    }

    @Override
    public synchronized Future<Void> put(Schedule schedule) {
        schedules.put(schedule.getName(), schedule);
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Void> delete(String name) {
        schedules.remove(name);
        return Future.succeededFuture();
    }

    @Override
    public synchronized Future<Void> fired(List<Schedule> fired) {
        fired.forEach(schedule -> schedules.replace(schedule.getName(), schedule));
        return Future.succeededFuture();
    }
}
