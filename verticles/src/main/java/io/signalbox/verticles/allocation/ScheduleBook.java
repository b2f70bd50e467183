package io.signalbox.verticles.allocation;

import io.signalbox.codecs.internal.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Knows all schedules and which of them are to fire. A firing is known by its schedule and its time, whoever computes it and however
 * often. Single writer, not thread-safe; knows no clock and does nothing itself.
 */
final class ScheduleBook {
    /** A firing that is later than this was missed, where missed ones are skipped. */
    static final Duration TOLERANCE = Duration.ofMinutes(1);

    /** @param at when it was to fire, which may be long ago */
    record Firing(Schedule schedule, Instant at) {
        /** The same whenever and wherever it is computed. */
        String key() {
            return schedule.getName() + "@" + at;
        }
    }

    private static final class Page {
        Schedule schedule;
        final Timing timing;

        /** What fires just now has not to fire again. */
        boolean firing;

        Page(Schedule schedule, Timing timing) {
            this.schedule = schedule;
            this.timing = timing;
        }
    }

    private final TreeMap<String, Page> pages = new TreeMap<>();

    /** As it is stored. */
    void load(Schedule schedule) {
        pages.put(schedule.getName(), new Page(schedule, Timing.of(schedule)));
    }

    /**
     * The schedule with its next time, to be stored and then {@link #load}ed. One with the timing that it had goes on as it was.
     *
     * @throws IllegalArgumentException saying what is wrong with its timing
     */
    Schedule revised(Schedule wish, Instant now) {
        Optional<Schedule> before = find(wish.getName());
        Schedule dated = wish.toBuilder()
                .setCreatedAtMs(before.map(Schedule::getCreatedAtMs).orElse(now.toEpochMilli()))
                .setUpdatedAtMs(now.toEpochMilli())
                .build();
        Timing timing = Timing.of(dated);
        boolean goesOn = before.filter(old -> hasSameTiming(old, dated)).isPresent();
        Schedule.Builder revised = dated.toBuilder();
        before.ifPresent(old -> revised.setLastAtMs(old.getLastAtMs())
                .setLastTask(old.getLastTask())
                .setLastError(old.getLastError()));
        return revised.setNextAtMs(goesOn ? before.get().getNextAtMs() : next(timing, now))
                .build();
    }

    private static boolean hasSameTiming(Schedule a, Schedule b) {
        return a.getCron().equals(b.getCron()) && a.getZone().equals(b.getZone()) && a.getEveryMs() == b.getEveryMs();
    }

    private static long next(Timing timing, Instant after) {
        return timing.after(after).map(Instant::toEpochMilli).orElse(0L);
    }

    void remove(String name) {
        pages.remove(name);
    }

    Optional<Schedule> find(String name) {
        return Optional.ofNullable(pages.get(name)).map(page -> page.schedule);
    }

    /** By name, from after that one on. */
    List<Schedule> after(String name, int limit) {
        return pages.tailMap(name, false).values().stream()
                .limit(limit)
                .map(page -> page.schedule)
                .toList();
    }

    int size() {
        return pages.size();
    }

    /** What has come due by now; of each its outcome is to follow. */
    List<Firing> due(Instant now) {
        List<Firing> due = new ArrayList<>();
        for (Page page : pages.values()) {
            long next = page.schedule.getNextAtMs();
            if (!page.firing && next != 0 && next <= now.toEpochMilli()) {
                page.firing = true;
                due.add(new Firing(page.schedule, first(page, now)));
            }
        }
        return due;
    }

    /** Of those that came due since it was last looked at. */
    private static Instant first(Page page, Instant now) {
        Instant next = Instant.ofEpochMilli(page.schedule.getNextAtMs());
        return page.schedule.getMissed().equals("all")
                ? next
                : page.timing.upTo(now).filter(latest -> latest.isAfter(next)).orElse(next);
    }

    /** Whether it was missed, and is not to be made up for. */
    static boolean isSkipped(Firing firing, Instant now) {
        return firing.schedule().getMissed().equals("skip")
                && Duration.between(firing.at(), now).compareTo(TOLERANCE) > 0;
    }

    /**
     * How the schedule stands after that; empty: it is not there any more, or was replaced.
     *
     * @param task empty: none, and {@code error} says why
     */
    Optional<Schedule> fired(Firing firing, String task, String error) {
        return Optional.ofNullable(pages.get(firing.schedule().getName()))
                .filter(page -> page.firing)
                .map(page -> {
                    page.firing = false;
                    page.schedule = page.schedule.toBuilder()
                            .setNextAtMs(next(page.timing, firing.at()))
                            .setLastAtMs(firing.at().toEpochMilli())
                            .setLastTask(task)
                            .setLastError(error)
                            .build();
                    return page.schedule;
                });
    }

    /** It is to be tried again. */
    void notFired(Firing firing) {
        Optional.ofNullable(pages.get(firing.schedule().getName())).ifPresent(page -> page.firing = false);
    }

    /** The newest of each name, for one write. */
    static List<Schedule> newest(List<Schedule> fired) {
        Map<String, Schedule> byName = new HashMap<>();
        fired.forEach(schedule -> byName.put(schedule.getName(), schedule));
        return List.copyOf(byName.values());
    }
}
