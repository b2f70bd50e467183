package io.signalbox.verticles.allocation;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much waits for agents, since when, and how long tasks waited, by skill and by lane of priority. The first fifty skills have labels
 * of their own, all others are {@code other}. Not thread-safe.
 */
final class QueueMeters {
    private static final int MAX_SKILLS = 50;

    private static final List<String> LANES = List.of("bulk", "normal", "urgent");

    private record Label(String skill, String lane) {}

    private final MeterRegistry meters;
    private final MultiGauge depth;
    private final MultiGauge oldest;
    private final Set<String> skills = new HashSet<>();
    private final Map<Label, Timer> waits = new HashMap<>();

    QueueMeters(MeterRegistry meters) {
        this.meters = meters;
        this.depth = MultiGauge.builder("signalbox.allocation.waiting")
                .description("Tasks that wait for an agent")
                .register(meters);
        this.oldest = MultiGauge.builder("signalbox.allocation.waiting.oldest")
                .description("How long the oldest of them waits")
                .baseUnit("seconds")
                .register(meters);
    }

    /** A task was given to an agent for the first time. */
    void begun(String skill, int priority, Duration waited) {
        waits.computeIfAbsent(new Label(label(skill), lane(priority)), this::timer)
                .record(waited);
    }

    private Timer timer(Label label) {
        return Timer.builder("signalbox.allocation.wait")
                .description("From the beginning of a task's wait for an agent to its first assignment")
                .tags(tags(label))
                .register(meters);
    }

    private static Tags tags(Label label) {
        return Tags.of("skill", label.skill(), "priority", label.lane());
    }

    private String label(String skill) {
        if (skills.size() < MAX_SKILLS) {
            skills.add(skill);
        }
        return skills.contains(skill) ? skill : "other";
    }

    private static String lane(int priority) {
        return LANES.get(priority >= 7 ? 2 : priority >= 4 ? 1 : 0);
    }

    /** How the queues stand; now and then. */
    void waiting(Map<Demand, SkillQueue> queues, Instant now) {
        Map<Label, Integer> depths = new HashMap<>();
        Map<String, Double> ages = new HashMap<>();
        queues.forEach((demand, queue) -> {
            String skill = label(demand.skill());
            for (int priority = 0; priority <= 9; priority++) {
                depths.merge(new Label(skill, lane(priority)), queue.waiting().of(priority), Integer::sum);
            }
            double age = queue.waiting()
                    .oldest()
                    .map(since -> Duration.between(since, now).toMillis() / 1000.0)
                    .orElse(0.0);
            ages.merge(skill, age, Math::max);
        });
        List<Row<?>> depthRows = new ArrayList<>();
        depths.forEach((label, tasks) -> depthRows.add(Row.of(tags(label), tasks)));
        depth.register(depthRows, true);
        List<Row<?>> ageRows = new ArrayList<>();
        ages.forEach((skill, age) -> ageRows.add(Row.of(Tags.of("skill", skill), age)));
        oldest.register(ageRows, true);
    }
}
