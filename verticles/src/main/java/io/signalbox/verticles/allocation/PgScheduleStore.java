package io.signalbox.verticles.allocation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.internal.Schedule;
import io.signalbox.verticles.postgres.PostgresStore;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.SqlFile;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Schedules in PostgreSQL. Thread-safe. */
public final class PgScheduleStore implements ScheduleStore {
    private static final String LOAD = SqlFile.read(PgScheduleStore.class, "load-schedules.sql");
    private static final String PUT = SqlFile.read(PgScheduleStore.class, "put-schedule.sql");
    private static final String DELETE = SqlFile.read(PgScheduleStore.class, "delete-schedule.sql");
    private static final String FIRED = SqlFile.read(PgScheduleStore.class, "fired-schedules.sql");

    private final PostgresStore postgres;
    private final ShardFence fence;

    /** @param fence what is written only while it holds */
    public PgScheduleStore(PostgresStore postgres, ShardFence fence) {
        this.postgres = postgres;
        this.fence = fence;
    }

    @Override
    public Future<List<Schedule>> load() {
        return postgres.query(LOAD, Tuple.tuple()).map(rows -> {
            List<Schedule> schedules = new ArrayList<>(rows.size());
            rows.forEach(row -> schedules.add(schedule(row)));
            return schedules;
        });
    }

    private static Schedule schedule(Row row) {
        try {
            return Schedule.parseFrom(row.getBuffer("schedule").getBytes()).toBuilder()
                    .setNextAtMs(row.getLong("next_at"))
                    .setLastAtMs(row.getLong("last_at"))
                    .setLastTask(row.getString("last_task"))
                    .setLastError(row.getString("last_error"))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("schedule " + row.getString("name") + " does not parse", e);
        }
    }

    @Override
    public Future<Void> put(Schedule schedule) {
        Schedule kept = schedule.toBuilder()
                .clearNextAtMs()
                .clearLastAtMs()
                .clearLastTask()
                .clearLastError()
                .build();
        Buffer bytes = Buffer.buffer(kept.toByteArray());
        return write(PUT, Tuple.of(schedule.getName(), bytes, schedule.getNextAtMs()));
    }

    @Override
    public Future<Void> delete(String name) {
        return write(DELETE, Tuple.of(name));
    }

    @Override
    public Future<Void> fired(List<Schedule> fired) {
        return write(
                FIRED,
                Tuple.tuple()
                        .addValue(fired.stream().map(Schedule::getName).toArray(String[]::new))
                        .addValue(fired.stream().map(Schedule::getNextAtMs).toArray(Long[]::new))
                        .addValue(fired.stream().map(Schedule::getLastAtMs).toArray(Long[]::new))
                        .addValue(fired.stream().map(Schedule::getLastTask).toArray(String[]::new))
                        .addValue(fired.stream().map(Schedule::getLastError).toArray(String[]::new)));
    }

    private Future<Void> write(String sql, Tuple arguments) {
        return postgres.inTransaction(client -> {
            Future<Void> held = fence.hold(client);
            Future<?> written = client.preparedQuery(sql).execute(arguments);
            return Future.all(held, written).mapEmpty();
        });
    }
}
