package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class QueueMetersTest {
    private static final Instant NOW = Samples.NOW;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final QueueMeters meters = new QueueMeters(registry);
    private final Roster roster = new Roster();

    private void wait(int number, String skill, String range, int priority, Instant since) {
        TaskSpec spec = Samples.spec(Samples.id(number), skill, range, priority, since, Optional.empty(), 1);
        roster.queue(spec.demand()).add(new OpenTask(spec, since.toEpochMilli(), 1));
    }

    private double gauge(String name, String... tags) {
        return registry.get("signalbox.allocation." + name).tags(tags).gauge().value();
    }

    @Test
    void shouldCountWhatWaitsBySkillAndLane() {
        wait(1, "s", "", 0, NOW.minusSeconds(5));
        wait(2, "s", "^1", 3, NOW.minusSeconds(9));
        wait(3, "s", "", 9, NOW.minusSeconds(1));
        wait(4, "t", "", 5, NOW.minusSeconds(2));

        meters.waiting(roster.queues(), NOW);

        assertThat(gauge("waiting", "skill", "s", "priority", "bulk")).isEqualTo(2);
        assertThat(gauge("waiting", "skill", "s", "priority", "urgent")).isEqualTo(1);
        assertThat(gauge("waiting", "skill", "t", "priority", "normal")).isEqualTo(1);
        assertThat(gauge("waiting.oldest", "skill", "s")).isEqualTo(9);
        assertThat(gauge("waiting.oldest", "skill", "t")).isEqualTo(2);
    }

    @Test
    void shouldForgetQueuesThatAreGone() {
        wait(1, "s", "", 0, NOW);
        meters.waiting(roster.queues(), NOW);

        meters.waiting(Map.of(), NOW);

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void shouldKeepLabelsBounded() {
        for (int i = 0; i < 200; i++) {
            meters.begun("skill-" + i, i % 10, Duration.ofSeconds(1));
        }

        assertThat(registry.getMeters()).hasSizeLessThanOrEqualTo(53);
        assertThat(registry.get("signalbox.allocation.wait")
                        .tags(Tags.of("skill", "other", "priority", "urgent"))
                        .timer()
                        .count())
                .isEqualTo(45);
    }

    @Test
    void shouldCountAQueuesTasksAsTheyComeAndGo() {
        SkillQueue queue = roster.queue(new Demand("s", ""));
        OpenTask task = Samples.task(1);
        queue.add(task);
        queue.add(task);
        queue.remove(task);
        queue.remove(task);

        assertThat(queue.waiting().all()).isZero();
        assertThat(queue.waiting().oldest()).isEmpty();
    }
}
