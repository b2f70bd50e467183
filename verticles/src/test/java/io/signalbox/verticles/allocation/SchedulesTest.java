package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.bus.simulation.Seeds;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.DeleteSchedule;
import io.signalbox.codecs.internal.GetSchedule;
import io.signalbox.codecs.internal.PutSchedule;
import io.signalbox.codecs.internal.Schedule;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.codecs.internal.TaskView;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SchedulesTest {
    private static final Instant BEGIN = Instant.parse("2030-01-01T00:00:00Z");

    private final InMemoryScheduleStore store = new InMemoryScheduleStore();

    /** By idempotency key, as the task store keeps them. */
    private final Map<String, SubmitTask> tasks = new TreeMap<>();

    private Instant now = BEGIN;
    private Optional<Code> refusal = Optional.empty();
    private Schedules schedules = begun();

    /** On whichever node has the work now. */
    private Schedules begun() {
        Schedules begun = new Schedules(store, this::submit, () -> now);
        get(begun.load());
        return begun;
    }

    private Future<TaskView> submit(SubmitTask task) {
        if (refusal.isPresent()) {
            return Future.failedFuture(new ServiceException(refusal.get(), "not now"));
        }
        tasks.putIfAbsent(task.getIdempotencyKey(), task);
        return Future.succeededFuture(TaskView.newBuilder()
                .setId("task of " + task.getIdempotencyKey())
                .build());
    }

    private static Schedule every(Duration interval, String missed) {
        return Schedule.newBuilder()
                .setName("s")
                .setOwner("ann")
                .setEveryMs(interval.toMillis())
                .setMissed(missed)
                .setTask(SubmitTask.newBuilder().setSkill("text.echo"))
                .build();
    }

    private Schedule put(Schedule schedule) {
        return get(schedules.put(PutSchedule.newBuilder().setSchedule(schedule).build()));
    }

    private Schedule stands() {
        return get(schedules.get(GetSchedule.newBuilder().setName("s").build()));
    }

    private void pass(Duration time) {
        now = now.plus(time);
        schedules.tick();
    }

    @Test
    void shouldSubmitATaskForEachFiring() {
        put(every(Duration.ofSeconds(10), ""));

        pass(Duration.ofSeconds(9));
        assertThat(tasks).isEmpty();
        pass(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(10));

        assertThat(tasks.keySet()).containsExactly("s@2030-01-01T00:00:10Z", "s@2030-01-01T00:00:20Z");
        assertThat(tasks.values()).allSatisfy(task -> {
            assertThat(task.getSubmitter()).isEqualTo("schedule/s");
            assertThat(task.getTenant()).isEqualTo("ann");
        });
        assertThat(stands().getLastTask()).isEqualTo("task of s@2030-01-01T00:00:20Z");
        assertThat(Instant.ofEpochMilli(stands().getNextAtMs())).isEqualTo(BEGIN.plusSeconds(30));
    }

    @ParameterizedTest
    @CsvSource({"'', 1", "once, 1", "skip, 0", "all, 30"})
    void shouldMakeUpForMissedFiringsAsItSays(String missed, int made) {
        put(every(Duration.ofSeconds(100), missed));
        now = now.plusSeconds(3095);

        for (int i = 0; i < 40; i++) {
            schedules.tick();
        }

        assertThat(tasks).hasSize(made);
        assertThat(Instant.ofEpochMilli(stands().getNextAtMs())).isEqualTo(BEGIN.plusSeconds(3100));
    }

    @Test
    void shouldFireAgainOnceTheStoreIsBack() {
        put(every(Duration.ofSeconds(10), ""));
        refusal = Optional.of(Code.UNAVAILABLE);
        pass(Duration.ofSeconds(10));

        refusal = Optional.empty();
        pass(Duration.ofSeconds(1));

        assertThat(tasks.keySet()).containsExactly("s@2030-01-01T00:00:10Z");
    }

    @Test
    void shouldSayWhyThereIsNoTaskAndGoOn() {
        put(every(Duration.ofSeconds(10), ""));
        refusal = Optional.of(Code.SCHEMA_INVALID);
        pass(Duration.ofSeconds(10));

        assertThat(stands().getLastError()).isEqualTo("not now");
        assertThat(Instant.ofEpochMilli(stands().getNextAtMs())).isEqualTo(BEGIN.plusSeconds(20));
    }

    @Test
    void shouldGoOnAsItWasWhenOnlyTheTaskChanges() {
        put(every(Duration.ofSeconds(10), ""));
        now = now.plusSeconds(4);

        Schedule same = put(every(Duration.ofSeconds(10), "").toBuilder()
                .setTask(SubmitTask.newBuilder().setSkill("text.other"))
                .build());
        Schedule other = put(every(Duration.ofSeconds(60), ""));

        assertThat(Instant.ofEpochMilli(same.getNextAtMs())).isEqualTo(BEGIN.plusSeconds(10));
        assertThat(Instant.ofEpochMilli(other.getNextAtMs())).isEqualTo(BEGIN.plusSeconds(60));
    }

    @Test
    void shouldLetOnlyItsOwnerChangeIt() {
        put(every(Duration.ofSeconds(10), ""));
        Schedule bobs =
                every(Duration.ofSeconds(10), "").toBuilder().setOwner("bob").build();

        assertThatThrownBy(() -> put(bobs))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.FORBIDDEN));
        assertThatThrownBy(() -> schedules.delete(
                        DeleteSchedule.newBuilder().setName("s").setBy("bob").build()))
                .isInstanceOf(ServiceException.class);
        get(schedules.delete(
                DeleteSchedule.newBuilder().setName("s").setBy("ann").build()));
        pass(Duration.ofSeconds(20));
        assertThat(tasks).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "A, 1000, '', ''",
        "s, 0,    '', ''",
        "s, 999,  '', ''",
        "s, 1000, '* * * * *', ''",
        "s, 0,    '* * *', ''",
        "s, 1000, '', never"
    })
    void shouldRefuseWhatIsNoSchedule(String name, long every, String cron, String missed) {
        Schedule wrong = every(Duration.ofMillis(every), missed).toBuilder()
                .setName(name)
                .setCron(cron)
                .build();

        assertThatThrownBy(() -> put(wrong))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
    }

    /** Nodes take over from each other at any moment: no firing is lost and none is two tasks. */
    @Test
    void shouldMakeOneTaskOfEachFiringWhoeverFires() {
        Seeds.forEach(300, seed -> new SchedulesTest().handOver(new Random(seed)));
    }

    private void handOver(Random random) {
        put(every(Duration.ofSeconds(1), "all"));
        List<String> expected = new ArrayList<>();
        for (int second = 1; second <= 100; second++) {
            expected.add("s@" + BEGIN.plusSeconds(second));
        }
        for (int step = 0; step < 400; step++) {
            now = now.plusMillis(random.nextInt(500));
            refusal = random.nextInt(10) == 0 ? Optional.of(Code.UNAVAILABLE) : Optional.empty();
            switch (random.nextInt(8)) {
                case 0 -> schedules = begun(); // what was not written is forgotten
                case 1 -> {
                    Schedules late = schedules; // fires still, as the next one does already
                    schedules = begun();
                    late.tick();
                }
                default -> schedules.tick();
            }
        }
        refusal = Optional.empty();
        now = BEGIN.plusSeconds(Math.max(100, Duration.between(BEGIN, now).toSeconds()));
        for (int i = 0; i < 500; i++) {
            schedules.tick();
        }

        assertThat(tasks.keySet()).containsAll(expected);
        assertThat(tasks).hasSize((int) Duration.between(BEGIN, now).toSeconds());
    }

    @Test
    void shouldSayThatThereIsNoSuchSchedule() {
        assertThatThrownBy(() ->
                        schedules.get(GetSchedule.newBuilder().setName("no").build()))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
    }
}
