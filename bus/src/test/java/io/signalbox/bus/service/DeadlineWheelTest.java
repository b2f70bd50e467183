package io.signalbox.bus.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlineWheelTest {
    private static final Duration TICK = Duration.ofMillis(50);

    @Test
    void shouldGiveEachThingOnceNeverEarlyAndAtMostATickLate() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            DeadlineWheel<Integer> wheel = new DeadlineWheel<>(TICK);
            Map<Integer, Instant> waiting = new HashMap<>();
            Instant now = Instant.ofEpochMilli(random.nextLong(1L << 40));
            for (int step = 0; step < 300; step++) {
                Instant deadline = now.plusMillis(random.nextInt(2_000));
                waiting.put(step, deadline);
                wheel.add(step, deadline);
                now = now.plusMillis(random.nextInt(100));
                for (int item : wheel.expired(now)) {
                    assertThat(waiting.remove(item))
                            .as("seed %d, item %d", seed, item)
                            .isBeforeOrEqualTo(now);
                }
                Instant latest = now.minus(TICK);
                assertThat(waiting.values()).as("seed %d", seed).noneMatch(at -> at.isBefore(latest));
            }
        }
    }

    @Test
    void shouldLoseNothingWhileOthersAdd() throws InterruptedException {
        DeadlineWheel<Integer> wheel = new DeadlineWheel<>(Duration.ofMillis(1));
        int count = 50_000;
        Thread adding = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < count; i++) {
                wheel.add(i, Instant.ofEpochMilli(i % 7));
            }
        });
        List<Integer> found = new ArrayList<>();
        while (adding.isAlive()) {
            found.addAll(wheel.expired(Instant.ofEpochMilli(10)));
        }
        adding.join();
        found.addAll(wheel.expired(Instant.ofEpochMilli(10)));

        assertThat(found).hasSize(count).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 50", "49, 50", "50, 50", "51, 100", "99, 100", "100, 100"})
    void shouldGiveAThingAtTheFirstTickThatIsNotBeforeItsDeadline(long deadline, long tick) {
        DeadlineWheel<String> wheel = new DeadlineWheel<>(TICK);
        wheel.add("it", Instant.ofEpochMilli(deadline));

        assertThat(wheel.expired(Instant.ofEpochMilli(tick - 1))).isEmpty();
        assertThat(wheel.expired(Instant.ofEpochMilli(tick))).containsExactly("it");
        assertThat(wheel.expired(Instant.ofEpochMilli(tick + 1_000_000))).isEmpty();
    }

    @Test
    void shouldGiveAtOnceWhatComesTooLate() {
        DeadlineWheel<String> wheel = new DeadlineWheel<>(TICK);
        Instant now = Instant.ofEpochMilli(10_000);
        wheel.expired(now);

        wheel.add("late", now.minusSeconds(5));

        assertThat(wheel.expired(now)).containsExactly("late");
    }
}
