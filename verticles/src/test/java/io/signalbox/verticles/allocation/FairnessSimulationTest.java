package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.simulation.Seeds;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

/**
 * Under an urgent load that never ends, of tenants of different weights, each task begins within the ageing bound that
 * {@link SkillQueue} promises.
 */
final class FairnessSimulationTest {
    private static final int SEEDS = 200;
    private static final int STEPS = 1_500;
    private static final int URGENT = 9;
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Map<String, Integer> WEIGHTS = Map.of("t0", 1, "t1", 3, "t2", 2);
    private static final List<String> SKILLS = List.of("s0", "s1");
    private static final int ALL_WEIGHTS =
            SKILLS.size() * WEIGHTS.values().stream().mapToInt(weight -> weight).sum();

    /** What a task may see begin before it, from the time on from which it is not overtaken any more. */
    private static final class Watch {
        final TaskSpec spec;
        final Instant agedAt;
        long most = Long.MAX_VALUE;
        long begun;

        Watch(TaskSpec spec) {
            this.spec = spec;
            this.agedAt = spec.submittedAt().plus(STEP.multipliedBy(URGENT - spec.priority()));
        }
    }

    private final BrokerSettings settings = new BrokerSettings(
            100_000, Duration.ofHours(1), Duration.ZERO, Duration.ZERO, Duration.ZERO, STEP, WEIGHTS);
    private Random random = new Random(0);
    private TaskBroker broker = new TaskBroker(settings, 0, random);
    private final Map<UUID, TaskSpec> waiting = new LinkedHashMap<>();
    private final List<Effect.Assign> working = new ArrayList<>();
    private final Map<UUID, Watch> watched = new HashMap<>();
    private final Map<String, List<AgentSkill>> agents = new LinkedHashMap<>();
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private long ids;
    private int aged;

    @Test
    void shouldBeginEveryTaskWithinItsAgeingBoundUnderAnEndlessUrgentLoad() {
        Map<String, Integer> aged = new HashMap<>();
        Seeds.forEach(SEEDS, seed -> {
            FairnessSimulationTest history = new FairnessSimulationTest();
            history.run(seed);
            aged.merge("tasks", history.aged, Integer::sum);
        });

        assertThat(aged.get("tasks")).as("tasks that aged before they began").isPositive();
    }

    private void run(long seed) {
        random = new Random(seed);
        broker = new TaskBroker(settings, 0, random);
        for (int i = 0; i < 4; i++) {
            List<AgentSkill> skills = new ArrayList<>(List.of(skill(SKILLS.get(i % 2))));
            if (i > 1) {
                skills.add(skill(SKILLS.get((i + 1) % 2)));
            }
            agents.put("a" + i, skills);
            begun(broker.connected(new RosterAgent("a" + i, 1, skills, 1 + random.nextInt(2)), Map.of(), now));
        }
        for (int step = 0; step < STEPS; step++) {
            now = now.plusMillis(random.nextInt(60));
            watched.values().forEach(this::age);
            submit();
            complete();
        }
        watched.values().forEach(this::check);
    }

    private static AgentSkill skill(String name) {
        return new AgentSkill(name, Semver.parse("1.0.0"));
    }

    /** Of each tenant something urgent always waits, and now and then something that is not urgent comes. */
    private void submit() {
        for (String tenant : WEIGHTS.keySet().stream().sorted().toList()) {
            long urgent = waiting.values().stream()
                    .filter(spec -> spec.tenant().equals(tenant) && spec.priority() == URGENT)
                    .count();
            for (long i = urgent; i < 6; i++) {
                submit(tenant, URGENT);
            }
            if (random.nextInt(20) == 0) {
                submit(tenant, random.nextInt(URGENT));
            }
        }
    }

    private void submit(String tenant, int priority) {
        TaskSpec spec = new TaskSpec(
                new UUID(0, ++ids),
                SKILLS.get(random.nextInt(2)),
                "",
                tenant,
                priority,
                now,
                Optional.empty(),
                1,
                TaskPlan.NONE);
        waiting.put(spec.id(), spec);
        watched.put(spec.id(), new Watch(spec));
        begun(broker.submitted(spec, now));
    }

    private void complete() {
        if (!working.isEmpty() && random.nextInt(3) > 0) {
            Effect.Assign done = working.remove(random.nextInt(working.size()));
            Verdict verdict = broker.complete(done.agent(), 1, done.task(), done.token());
            begun(broker.settled(done.task(), ((Verdict.Accepted) verdict).settlement(), now));
        }
    }

    /** From now on nothing that is submitted overtakes it: what may begin before it is known. */
    private void age(Watch watch) {
        if (watch.most == Long.MAX_VALUE && !now.isBefore(watch.agedAt)) {
            long own = waiting.values().stream()
                    .filter(spec -> spec.tenant().equals(watch.spec.tenant()) && rank(spec) <= rank(watch.spec))
                    .filter(spec -> !spec.id().equals(watch.spec.id()))
                    .count();
            int weight = WEIGHTS.get(watch.spec.tenant());
            watch.most = (own + weight) / weight * ALL_WEIGHTS + ALL_WEIGHTS;
            watch.begun = 0;
            aged++;
        }
    }

    private long rank(TaskSpec spec) {
        return settings.rank(spec.submittedAt(), spec.priority());
    }

    private void begun(List<Effect> effects) {
        for (Effect effect : effects) {
            Effect.Assign assign = (Effect.Assign) effect;
            working.add(assign);
            waiting.remove(assign.task());
            watched.remove(assign.task());
            List<AgentSkill> skills = agents.get(assign.agent());
            watched.values().stream()
                    .filter(watch ->
                            skills.stream().anyMatch(skill -> skill.name().equals(watch.spec.skill())))
                    .forEach(watch -> {
                        watch.begun++;
                        check(watch);
                    });
        }
    }

    private void check(Watch watch) {
        assertThat(watch.begun).as("begun before %s", watch.spec).isLessThan(watch.most);
    }
}
