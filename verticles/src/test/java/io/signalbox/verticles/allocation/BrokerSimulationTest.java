package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semver4j.Semver;

/**
 * A simulation: agents come, work, fail, vanish and come back, the store fails, the node restarts, all by chance, against
 * a model of the store. Whatever happens, a task ends once, a token is never used twice and no agent has too much.
 */
final class BrokerSimulationTest {
    private static final int STEPS = 6_000;
    private static final int AGENTS = 12;
    private static final BrokerSettings SETTINGS = new BrokerSettings(
            10_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1));

    /** As the store has it. */
    private static final class Stored {
        final TaskSpec spec;
        String state = "queued";
        int attempt;
        long token;
        String agent = "";
        Instant notBefore = Instant.EPOCH;
        int ends;

        Stored(TaskSpec spec) {
            this.spec = spec;
        }
    }

    /** An agent's own view: what it believes to hold. */
    private static final class SimulatedAgent {
        final String id;
        final int slots;
        final Map<UUID, Long> held = new TreeMap<>();
        long generation;
        boolean attached;

        SimulatedAgent(String id, int slots) {
            this.id = id;
            this.slots = slots;
        }
    }

    private Random random = new Random(0);
    private TaskBroker broker = newBroker(1);
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private final Map<UUID, Stored> store = new HashMap<>();
    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final Set<Long> tokensUsed = new HashSet<>();
    private long ids;
    private long generations;
    private int incarnation = 1;
    private boolean storeAway;

    private TaskBroker newBroker(int newIncarnation) {
        return new TaskBroker(SETTINGS, (long) newIncarnation << 32, random);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldEndEveryTaskOnceWhateverHappens(long seed) {
        random = new Random(seed);
        broker = newBroker(incarnation);
        for (int i = 0; i < AGENTS; i++) {
            agents.add(new SimulatedAgent("agent-" + i, 1 + random.nextInt(3)));
        }
        for (int step = 0; step < STEPS; step++) {
            now = now.plusMillis(random.nextInt(100));
            step();
            run(broker.tick(now));
            checkSlots();
        }
        finish();
        assertThat(store.values()).allSatisfy(task -> {
            assertThat(task.ends)
                    .as("ends of %s, seed %d", task.spec.id(), seed)
                    .isEqualTo(1);
            assertThat(task.state).isIn("succeeded", "dead", "cancelled");
        });
        assertThat(broker.view().open()).isZero();
        assertThat(store).hasSizeGreaterThan(500);
    }

    private void step() {
        SimulatedAgent agent = agents.get(random.nextInt(agents.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> submit();
            case 3 -> attach(agent);
            case 4 -> leave(agent);
            case 5 -> suspend(agent);
            case 6 -> cancelOne();
            case 7 -> storeAway(random.nextInt(4) == 0);
            case 8 -> restart();
            case 9, 10 -> renew(agent);
            case 11 -> forget(agent);
            default -> work(agent);
        }
    }

    private void submit() {
        if (storeAway) {
            return;
        }
        Optional<Instant> deadline =
                random.nextInt(10) == 0 ? Optional.of(now.plusMillis(random.nextInt(5000))) : Optional.empty();
        TaskSpec spec = new TaskSpec(
                new UUID(0, ++ids),
                "s" + random.nextInt(3),
                "",
                random.nextInt(10),
                now,
                deadline,
                1 + random.nextInt(4));
        store.put(spec.id(), new Stored(spec));
        run(broker.submitted(spec, now));
    }

    private void attach(SimulatedAgent agent) {
        agent.generation = ((long) incarnation << 32) + ++generations;
        agent.attached = true;
        List<AgentSkill> skills = List.of(
                new AgentSkill("s0", Semver.parse("1.0.0")),
                new AgentSkill("s1", Semver.parse("1.0.0")),
                new AgentSkill("s2", Semver.parse("1.0.0")));
        run(broker.connected(
                new RosterAgent(agent.id, agent.generation, skills, agent.slots), Map.copyOf(agent.held), now));
    }

    private void leave(SimulatedAgent agent) {
        if (agent.attached) {
            agent.attached = false;
            agent.held.clear();
            run(broker.gone(agent.id, agent.generation, now));
        }
    }

    private void suspend(SimulatedAgent agent) {
        if (agent.attached) {
            broker.suspended(agent.id, agent.generation);
        }
    }

    /** Dies and remembers nothing; the node does not know yet. */
    private void forget(SimulatedAgent agent) {
        agent.held.clear();
    }

    private void renew(SimulatedAgent agent) {
        if (agent.attached) {
            run(broker.renew(agent.id, agent.generation, Map.copyOf(agent.held), now));
        }
    }

    private void work(SimulatedAgent agent) {
        if (!agent.attached || agent.held.isEmpty()) {
            return;
        }
        UUID task = agent.held.keySet().iterator().next();
        long token = agent.held.get(task);
        Verdict verdict = switch (random.nextInt(6)) {
            case 0 ->
                broker.fail(
                        agent.id,
                        agent.generation,
                        task,
                        token,
                        Code.AGENT_FAILED,
                        "by chance",
                        random.nextInt(4) > 0,
                        now);
            case 1 -> broker.decline(agent.id, agent.generation, task, token, "by chance", now);
            default -> broker.complete(agent.id, agent.generation, task, token);
        };
        end(task, verdict);
        if (!(verdict instanceof Verdict.Refused refused && refused.code().retry())) {
            agent.held.remove(task);
        }
    }

    private void cancelOne() {
        if (!store.isEmpty()) {
            UUID task = new UUID(0, 1 + random.nextLong(ids));
            end(task, broker.cancel(task, "chance"));
        }
    }

    private void end(UUID task, Verdict verdict) {
        if (!(verdict instanceof Verdict.Accepted(Settlement settlement))) {
            return;
        }
        if (storeAway) {
            run(broker.settleFailed(task, now));
            return;
        }
        store(store.get(task), settlement);
        run(broker.settled(task, settlement, now));
    }

    private void store(Stored task, Settlement settlement) {
        switch (settlement) {
            case Settlement.Succeeded ignored -> end(task, "succeeded");
            case Settlement.Dead ignored -> end(task, "dead");
            case Settlement.Cancelled ignored -> end(task, "cancelled");
            case Settlement.Retry retry -> requeue(task, task.attempt, retry.notBefore());
            case Settlement.Returned ignored -> requeue(task, task.attempt - 1, now);
        }
    }

    private static void end(Stored task, String state) {
        task.state = state;
        task.ends++;
    }

    private static void requeue(Stored task, int attempt, Instant notBefore) {
        task.state = "queued";
        task.agent = "";
        task.attempt = attempt;
        task.notBefore = notBefore;
    }

    private void storeAway(boolean away) {
        if (away && !storeAway) {
            broker.pause();
        } else if (!away && storeAway) {
            storeAway = false;
            run(broker.resume(now));
        }
        storeAway = away;
    }

    /** kill -9 of the node: only what is stored is left, and what agents remember. */
    private void restart() {
        if (storeAway || random.nextInt(10) > 0) {
            return;
        }
        incarnation++;
        broker = newBroker(incarnation);
        agents.forEach(agent -> agent.attached = false);
        for (Stored task : store.values()) {
            if (task.state.equals("assigned")) {
                broker.loadAssigned(task.spec, task.attempt, task.token, task.agent, now);
            } else if (task.state.equals("queued")) {
                broker.loadWaiting(task.spec, task.attempt, task.token, task.notBefore, now);
            }
        }
    }

    private void run(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Assign assign -> assign(assign);
                case Effect.Requeue requeue -> {
                    requeue(store.get(requeue.task()), requeue.attempt(), requeue.notBefore());
                }
                case Effect.Bury bury -> end(store.get(bury.task()), "dead");
                case Effect.Withdraw withdraw -> agent(withdraw.agent()).held.remove(withdraw.task(), withdraw.token());
            }
        }
    }

    private void assign(Effect.Assign assign) {
        if (storeAway) {
            run(broker.assignFailed(assign.task(), assign.token(), now));
            return;
        }
        Stored task = store.get(assign.task());
        assertThat(task.state)
                .as("task %s is assigned while it waits", assign.task())
                .isEqualTo("queued");
        assertThat(assign.token()).isGreaterThan(task.token);
        assertThat(tokensUsed.add(assign.token()))
                .as("token %d is new", assign.token())
                .isTrue();
        task.state = "assigned";
        task.token = assign.token();
        task.agent = assign.agent();
        task.attempt = assign.attempt();
        SimulatedAgent agent = agent(assign.agent());
        if (random.nextInt(20) > 0) {
            agent.held.put(assign.task(), assign.token());
        }
    }

    private SimulatedAgent agent(String id) {
        return agents.stream().filter(agent -> agent.id.equals(id)).findFirst().orElseThrow();
    }

    private void checkSlots() {
        Map<String, Integer> live = new HashMap<>();
        store.values().stream()
                .filter(task -> task.state.equals("assigned"))
                .forEach(task -> live.merge(task.agent, 1, Integer::sum));
        agents.stream()
                .filter(agent -> agent.attached)
                .forEach(agent -> assertThat(live.getOrDefault(agent.id, 0))
                        .as("tasks of %s", agent.id)
                        .isLessThanOrEqualTo(agent.slots));
    }

    /** From here on nothing fails any more: everything must come to its end. */
    private void finish() {
        storeAway(false);
        for (int i = 0; i < 4_000 && broker.view().open() > 0; i++) {
            now = now.plusMillis(200);
            agents.stream().filter(agent -> !agent.attached).forEach(this::attach);
            for (SimulatedAgent agent : agents) {
                for (Map.Entry<UUID, Long> held : Map.copyOf(agent.held).entrySet()) {
                    end(held.getKey(), broker.complete(agent.id, agent.generation, held.getKey(), held.getValue()));
                    agent.held.remove(held.getKey());
                }
            }
            run(broker.tick(now));
        }
    }
}
