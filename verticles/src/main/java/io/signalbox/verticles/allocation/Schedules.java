package io.signalbox.verticles.allocation;

import com.google.protobuf.ByteString;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DeleteSchedule;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.GetSchedule;
import io.signalbox.codecs.internal.ListSchedules;
import io.signalbox.codecs.internal.PutSchedule;
import io.signalbox.codecs.internal.Schedule;
import io.signalbox.codecs.internal.SchedulePage;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.ScheduleBook.Firing;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits tasks by schedule. A firing's idempotency key is made of schedule and time, so it is one task, whichever nodes submit it
 * however often; that it was submitted is written afterwards. Confined to its event loop.
 */
final class Schedules {
    private static final Logger log = LoggerFactory.getLogger(Schedules.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");
    private static final Set<String> MISSED = Set.of("", "once", "skip", "all");
    private static final int MAX_NAME = 100;
    private static final int MAX_SCHEDULES = 10_000;
    private static final int MAX_PAGE = 1000;
    private static final int DEFAULT_PAGE = 100;
    private static final long SHORTEST_MILLIS = 1000;

    private final ScheduleStore store;
    private final Function<SubmitTask, Future<TaskView>> submit;
    private final InstantSource clock;
    private final ScheduleBook book = new ScheduleBook();

    /** Told to the store with the next tick, all at once; at most one for each schedule. */
    private final List<Schedule> fired = new ArrayList<>();

    Schedules(ScheduleStore store, Function<SubmitTask, Future<TaskView>> submit, InstantSource clock) {
        this.store = store;
        this.submit = submit;
        this.clock = clock;
    }

    Future<Void> load() {
        return store.load().map(all -> {
            all.forEach(this::load);
            return null;
        });
    }

    private void load(Schedule schedule) {
        try {
            book.load(schedule);
        } catch (IllegalArgumentException e) {
            log.error("Schedule {} does not fire: {}", schedule.getName(), e.getMessage());
        }
    }

    /** Fires what is due; once a second or so. */
    void tick() {
        write();
        Instant now = clock.instant();
        book.due(now).forEach(firing -> fire(firing, now));
    }

    private void fire(Firing firing, Instant now) {
        if (ScheduleBook.isSkipped(firing, now)) {
            over(firing, "", "missed");
            return;
        }
        submit.apply(task(firing))
                .onSuccess(task -> over(firing, task.getId(), ""))
                .onFailure(cause -> refused(firing, cause));
    }

    private static SubmitTask task(Firing firing) {
        Schedule schedule = firing.schedule();
        SubmitTask task = schedule.getTask();
        return task.toBuilder()
                .setSubmitter("schedule/" + schedule.getName())
                .setTenant(task.getTenant().isEmpty() ? schedule.getOwner() : task.getTenant())
                .setIdempotencyKey(firing.key())
                .setRequestHash(ByteString.copyFromUtf8(firing.key()))
                .putLabels("schedule", schedule.getName())
                .putLabels("scheduled-at", firing.at().toString())
                .build();
    }

    private void refused(Firing firing, Throwable cause) {
        boolean again =
                !(cause instanceof ServiceException refusal) || refusal.code().retry();
        if (again) {
            log.debug("Schedule {} cannot fire now: {}", firing.schedule().getName(), cause.getMessage());
            book.notFired(firing);
        } else {
            log.warn("Schedule {} gave no task: {}", firing.schedule().getName(), cause.getMessage());
            over(firing, "", cause.getMessage());
        }
    }

    private void over(Firing firing, String task, String error) {
        book.fired(firing, task, error).ifPresent(fired::add);
    }

    private void write() {
        if (fired.isEmpty()) {
            return;
        }
        List<Schedule> batch = ScheduleBook.newest(fired);
        fired.clear();
        store.fired(batch).onFailure(cause -> {
            log.debug("What schedules fired cannot be written now: {}", cause.toString());
            fired.addAll(0, batch);
        });
    }

    Future<Schedule> put(PutSchedule request) {
        Schedule wish = request.getSchedule();
        require(
                wish.getName().length() <= MAX_NAME
                        && NAME.matcher(wish.getName()).matches(),
                "name '" + wish.getName() + "': lower-case words and digits joined by . or -");
        require(wish.getCron().isEmpty() != (wish.getEveryMs() == 0), "either cron or every");
        require(
                !wish.getCron().isEmpty() || wish.getEveryMs() >= SHORTEST_MILLIS,
                "every: at least " + SHORTEST_MILLIS + " ms");
        require(MISSED.contains(wish.getMissed()), "missed must be once, skip or all");
        require(wish.getTask().getDeadlineMs() == 0, "task.deadline: one time does not fit all firings");
        SubmitRules.complete(wish.getTask(), 1, clock.instant());
        requireOwner(wish.getName(), wish.getOwner());
        if (book.find(wish.getName()).isEmpty() && book.size() >= MAX_SCHEDULES) {
            throw new ServiceException(Code.OVERLOADED, "there are " + MAX_SCHEDULES + " schedules, no more are taken");
        }
        Schedule revised = revised(wish);
        return store.put(revised).recover(AssignmentEnds::refused).map(stored -> {
            book.load(revised);
            return revised;
        });
    }

    private Schedule revised(Schedule wish) {
        try {
            return book.revised(wish, clock.instant());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(Code.INVALID_ARGUMENT, e.getMessage());
        }
    }

    private void requireOwner(String name, String by) {
        book.find(name).filter(schedule -> !schedule.getOwner().equals(by)).ifPresent(schedule -> {
            throw new ServiceException(Code.FORBIDDEN, "schedule " + name + " is " + schedule.getOwner() + "'s");
        });
    }

    Future<Schedule> get(GetSchedule request) {
        return Future.succeededFuture(existing(request.getName()));
    }

    private Schedule existing(String name) {
        return book.find(name).orElseThrow(() -> new ServiceException(Code.NOT_FOUND, "no schedule " + name));
    }

    Future<SchedulePage> list(ListSchedules request) {
        int limit = request.getLimit() <= 0 ? DEFAULT_PAGE : Math.min(request.getLimit(), MAX_PAGE);
        List<Schedule> found = book.after(request.getCursor(), limit);
        SchedulePage.Builder page = SchedulePage.newBuilder().addAllSchedules(found);
        if (found.size() == limit) {
            page.setNextCursor(found.getLast().getName());
        }
        return Future.succeededFuture(page.build());
    }

    Future<Done> delete(DeleteSchedule request) {
        existing(request.getName());
        requireOwner(request.getName(), request.getBy());
        return store.delete(request.getName()).recover(AssignmentEnds::refused).map(deleted -> {
            book.remove(request.getName());
            return Done.getDefaultInstance();
        });
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new ServiceException(Code.INVALID_ARGUMENT, message);
        }
    }
}
