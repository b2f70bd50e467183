package io.signalbox.verticles.allocation;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.signalbox.codecs.internal.Schedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** When a schedule fires. Immutable, thread-safe. */
sealed interface Timing {
    /** The first time after that; empty: never. */
    Optional<Instant> after(Instant time);

    /** The last time up to that; empty: never yet. */
    Optional<Instant> upTo(Instant time);

    /** By the clock of a zone, which may leave out an hour or have it twice. */
    record ByCron(ExecutionTime times, ZoneId zone) implements Timing {
        @Override
        public Optional<Instant> after(Instant time) {
            return times.nextExecution(time.atZone(zone)).map(ZonedDateTime::toInstant);
        }

        @Override
        public Optional<Instant> upTo(Instant time) {
            return times.lastExecution(time.plusMillis(1).atZone(zone)).map(ZonedDateTime::toInstant);
        }
    }

    /** Always as long from one to the next. */
    record Every(Duration interval, Instant first) implements Timing {
        @Override
        public Optional<Instant> after(Instant time) {
            return Optional.of(time.isBefore(first) ? first : at(intervals(time) + 1));
        }

        @Override
        public Optional<Instant> upTo(Instant time) {
            return time.isBefore(first) ? Optional.empty() : Optional.of(at(intervals(time)));
        }

        private long intervals(Instant time) {
            return Duration.between(first, time).toMillis() / interval.toMillis();
        }

        private Instant at(long number) {
            return first.plusMillis(number * interval.toMillis());
        }
    }

    /** @throws IllegalArgumentException saying what is wrong */
    static Timing of(Schedule schedule) {
        if (schedule.getCron().isEmpty()) {
            Instant first = Instant.ofEpochMilli(schedule.getCreatedAtMs() + schedule.getEveryMs());
            return new Every(Duration.ofMillis(schedule.getEveryMs()), first);
        }
        try {
            CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
            Cron cron = parser.parse(schedule.getCron()).validate();
            ZoneId zone = ZoneId.of(schedule.getZone().isEmpty() ? "UTC" : schedule.getZone());
            return new ByCron(ExecutionTime.forCron(cron), zone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("zone '" + schedule.getZone() + "': such as Europe/Berlin", e);
        }
    }
}
