package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.NOW;
import static io.signalbox.verticles.allocation.Samples.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TaskTimersTest {
    private final TaskTimers timers = new TaskTimers();

    @Test
    void shouldBeDueAtTheTimeAndNotBefore() {
        timers.by(NOW, id(1));

        assertThat(timers.due(NOW.minusNanos(1))).isEmpty();
        assertThat(timers.due(NOW)).containsExactly(id(1));
        assertThat(timers.due(NOW)).isEmpty();
    }

    @Test
    void shouldTakeTheEarlierOfTwoTimes() {
        timers.by(NOW.plusSeconds(2), id(1));
        timers.by(NOW.plusSeconds(1), id(1));
        timers.by(NOW.plusSeconds(3), id(1));

        assertThat(timers.size()).isEqualTo(1);
        assertThat(timers.due(NOW.plusSeconds(1))).containsExactly(id(1));
        assertThat(timers.due(NOW.plusSeconds(9))).isEmpty();
    }

    @Test
    void shouldHaveTasksOfTheSameTimeApart() {
        timers.by(NOW, id(1));
        timers.by(NOW, id(2));

        assertThat(timers.due(NOW)).containsExactly(id(1), id(2));
    }

    @Test
    void shouldTellTheEarliestFirst() {
        timers.by(NOW.plusSeconds(2), id(1));
        timers.by(NOW.plusSeconds(1), id(2));

        assertThat(timers.due(NOW.plusSeconds(2))).containsExactly(id(2), id(1));
    }

    @Test
    void shouldForgetADroppedTask() {
        timers.by(NOW, id(1));

        timers.drop(id(1));
        timers.drop(id(2));

        assertThat(timers.size()).isZero();
        assertThat(timers.due(NOW)).isEmpty();
    }

    @Test
    void shouldTakeANewTimeOnceTheOldOneWasDue() {
        timers.by(NOW, id(1));
        timers.due(NOW);

        timers.by(NOW.plusSeconds(1), id(1));

        assertThat(timers.due(NOW.plusSeconds(1))).containsExactly(id(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldAgreeWithASearchThroughAll(long seed) {
        Random random = new Random(seed);
        Map<UUID, Instant> expected = new HashMap<>();
        Instant now = NOW;
        for (int step = 0; step < 3_000; step++) {
            UUID task = id(random.nextInt(30));
            if (random.nextInt(4) == 0) {
                timers.drop(task);
                expected.remove(task);
            } else {
                Instant at = now.plusMillis(random.nextInt(500));
                timers.by(at, task);
                expected.merge(task, at, (a, b) -> a.isBefore(b) ? a : b);
            }
            now = now.plusMillis(random.nextInt(30));

            assertThat(timers.due(now))
                    .as("seed %d, step %d", seed, step)
                    .containsExactlyElementsOf(due(expected, now));
            assertThat(timers.size()).isEqualTo(expected.size());
        }
    }

    private static List<UUID> due(Map<UUID, Instant> expected, Instant now) {
        List<UUID> due = expected.entrySet().stream()
                .filter(alarm -> !alarm.getValue().isAfter(now))
                .sorted(Map.Entry.<UUID, Instant>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                .map(Map.Entry::getKey)
                .toList();
        due.forEach(expected::remove);
        return due;
    }
}
