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
}
