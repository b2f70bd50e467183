package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.PortCalls.failure;
import static io.signalbox.verticles.PortCalls.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.Schedule;
import io.signalbox.codecs.internal.SubmitTask;
import io.signalbox.verticles.postgres.ShardFence;
import io.signalbox.verticles.postgres.StoreException;
import io.signalbox.verticles.postgres.TestDatabase;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On a real PostgreSQL. */
class PgScheduleStoreTest {
    private static TestDatabase database;

    private final ScheduleStore store = new PgScheduleStore(database.store(), new ShardFence("tasks", Map.of()));

    @BeforeAll
    static void start() throws IOException {
        database = TestDatabase.start();
    }

    @AfterAll
    static void stop() throws IOException {
        database.close();
    }

    private static Schedule schedule(String name) {
        return Schedule.newBuilder()
                .setName(name)
                .setOwner("ann")
                .setCron("* * * * *")
                .setTask(SubmitTask.newBuilder().setSkill("text.echo").putLabels("a", "b"))
                .setNextAtMs(77)
                .build();
    }

    private List<Schedule> named(String... names) {
        return get(store.load()).stream()
                .filter(each -> List.of(names).contains(each.getName()))
                .toList();
    }

    @Test
    void shouldKeepWhatIsPutAndHowItStands() {
        get(store.put(schedule("b")));
        get(store.put(schedule("a")));
        Schedule fired = schedule("a").toBuilder()
                .setNextAtMs(99)
                .setLastAtMs(88)
                .setLastTask("t")
                .setLastError("e")
                .build();

        get(store.fired(List.of(fired, schedule("unknown"))));

        assertThat(named("a", "b", "unknown")).containsExactly(fired, schedule("b"));
        Schedule replaced =
                schedule("a").toBuilder().setOwner("bob").setNextAtMs(111).build();
        get(store.put(replaced));
        assertThat(named("a")).singleElement().satisfies(kept -> {
            assertThat(kept.getOwner()).isEqualTo("bob");
            assertThat(kept.getNextAtMs()).isEqualTo(111);
            assertThat(kept.getLastTask()).as("kept").isEqualTo("t");
        });
    }

    @Test
    void shouldForgetWhatIsDeleted() {
        get(store.put(schedule("gone")));

        get(store.delete("gone"));
        get(store.delete("gone"));

        assertThat(named("gone")).isEmpty();
    }

    @Test
    void shouldWriteNothingUnderAnEpochThatHasEnded() {
        ScheduleStore late = new PgScheduleStore(database.store(), new ShardFence("tasks", Map.of(0, -1)));

        assertThat(failure(late.put(schedule("late"))))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FENCED));
        assertThat(named("late")).isEmpty();
    }
}
