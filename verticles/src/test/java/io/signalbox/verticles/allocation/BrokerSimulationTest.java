package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.simulation.Seeds;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.BrokerModel.Agent;
import io.signalbox.verticles.allocation.ModelTask.Decision;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.semver4j.Semver;

/**
 * A simulation: agents come, work, fail, decline, hang, vanish and come back, writes take their time and fail, the node is
 * killed, others take over, all by chance. Each decision is held against {@link BrokerModel}, and at the end each task has ended once.
 */
final class BrokerSimulationTest {
    private static final int STEPS = 300;
    private static final int SEEDS = 10_000;
    private static final int STEPS_PER_CHECK = 10;
    private static final int AGENTS = 12;
    private static final List<String> RANGES = List.of("", "", "^1.0", "^2.0");
    private static final BrokerSettings SETTINGS = new BrokerSettings(
            10_000,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Map.of("t2", 3));

    /** @param kept through an outage, for it has happened in any case */
    private record Write(boolean kept, Runnable stored, Runnable failed) {}

    private Random random = new Random(0);
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private final List<Agent> agents = new ArrayList<>();
    private final Map<UUID, StoredTask> store = new TreeMap<>();
    private final ArrayDeque<Write> writes = new ArrayDeque<>();
    private BrokerModel model = new BrokerModel(SETTINGS, agents);
    private TaskBroker broker = newBroker();
    private int incarnation = 1;
    private long ids;
    private long generations;
    private boolean storeAway;

    private TaskBroker newBroker() {
        return new TaskBroker(SETTINGS, (long) incarnation << 32, random);
    }

    @Test
    void shouldEndEveryTaskOnceWhateverHappens() {
        Map<String, Integer> ends = new TreeMap<>();
        Seeds.forEach(SEEDS, seed -> {
            BrokerSimulationTest history = new BrokerSimulationTest();
            history.run(seed);
            history.store.values().forEach(task -> ends.merge(task.state, 1, Integer::sum));
        });

        assertThat(ends).containsOnlyKeys("succeeded", "dead", "cancelled");
    }

    private void run(long seed) {
        begin(seed);
        for (int step = 0; step < STEPS; step++) {
            now = now.plusMillis(random.nextInt(100));
            step();
            tick();
            if (step % STEPS_PER_CHECK == 0) {
                model.check(broker, now);
            }
        }

        finish();

        assertThat(store.values())
                .allSatisfy(task ->
                        assertThat(task.ends).as("ends of %s", task.spec).isEqualTo(1));
        assertThat(broker.view().open()).isZero();
        assertThat(broker.view().timers()).isZero();
        assertThat(broker.view().demands()).isZero();
    }

    private void begin(long seed) {
        random = new Random(seed);
        for (int i = 0; i < AGENTS; i++) {
            Map<String, Integer> majors = Map.of("s" + i % 3, 1 + i / 3 % 2, "s" + (i + 1) % 3, 1);
            agents.add(new Agent("agent-" + i, 1, majors));
        }
        model = new BrokerModel(SETTINGS, agents);
        broker = newBroker();
    }

    private void step() {
        Agent agent = agents.get(random.nextInt(agents.size()));
        switch (random.nextInt(25)) {
            case 0, 1, 2 -> submit();
            case 3 -> attach(agent);
            case 4 -> leave(agent);
            case 5 -> suspend(agent);
            case 6 -> {
                cancelOne();
                decideOne();
            }
            case 7 -> storeAway(random.nextInt(4) == 0);
            case 8 -> restart();
            case 24 -> takeOver();
            case 9, 10 -> renew(agent);
            case 11 -> agent.held.clear(); // dies and remembers nothing; the node does not know yet
            case 12 -> resume(agent);
            case 13, 14, 15, 16, 17 -> write(random.nextInt(6));
            default -> work(agent);
        }
    }

    private void tick() {
        run(broker.tick(now));
        model.lastTick = now;
    }

    private void submit() {
        if (storeAway) {
            return;
        }
        Optional<Instant> deadline =
                random.nextInt(10) == 0 ? Optional.of(now.plusMillis(1 + random.nextInt(5000))) : Optional.empty();
        TaskSpec spec = new TaskSpec(
                new UUID(0, ++ids),
                "s" + random.nextInt(3),
                RANGES.get(random.nextInt(RANGES.size())),
                "t" + random.nextInt(3),
                random.nextInt(10),
                now,
                deadline,
                1 + random.nextInt(4),
                random.nextInt(3) == 0 ? plans().next(ids, now) : TaskPlan.NONE);
        store.put(spec.id(), new StoredTask(spec));
        spec.plan().parent().ifPresent(broker::childReserved);
        model.opened(spec);
        run(broker.submitted(spec, now));
    }

    private PlansByChance plans() {
        return new PlansByChance(random, model, broker, store);
    }

    private void attach(Agent agent) {
        agent.slots = 1 + random.nextInt(3);
        long generation = ((long) incarnation << 32) + ++generations;
        Map<UUID, Long> held = new TreeMap<>(agent.held);
        model.attached(agent, generation, now);
        run(broker.connected(new RosterAgent(agent.id, generation, skills(agent), agent.slots), held, now));
        model.checkNothingIsLeftOf(agent);
    }

    private static List<AgentSkill> skills(Agent agent) {
        return new TreeMap<>(agent.majors)
                .entrySet().stream()
                        .map(skill -> new AgentSkill(skill.getKey(), Semver.parse(skill.getValue() + ".0.0")))
                        .toList();
    }

    /** Its connection is back within the session. */
    private void resume(Agent agent) {
        if (agent.known) {
            agent.connected = true;
            run(broker.connected(new RosterAgent(agent.id, agent.generation, List.of(), 9), Map.of(), now));
        }
    }

    private void leave(Agent agent) {
        if (agent.known) {
            agent.known = false;
            agent.connected = false;
            agent.held.clear();
            run(broker.gone(agent.id, agent.generation, now));
        }
    }

    private void suspend(Agent agent) {
        if (agent.known) {
            agent.connected = false;
            run(broker.suspended(new RosterAgent(agent.id, agent.generation, List.of(), 9), Map.of(), now));
        }
    }

    /** At times by an agent that is gone and does not know it: that must not bring it back. */
    private void renew(Agent agent) {
        model.renewed(agent, now);
        run(broker.renew(agent.id, agent.generation, new TreeMap<>(agent.held), now));
    }

    private void work(Agent agent) {
        if (agent.held.isEmpty()) {
            return;
        }
        List<UUID> held = List.copyOf(agent.held.keySet());
        UUID task = held.get(random.nextInt(held.size()));
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
        model.checkVerdict(agent, task, token, verdict);
        if (verdict instanceof Verdict.Accepted(Settlement settlement)) {
            settle(task, settlement, () -> agent.held.remove(task, token));
        } else if (!(verdict instanceof Verdict.Refused refused
                && refused.code().retry())) {
            agent.held.remove(task);
        }
    }

    private void cancelOne() {
        if (ids > 0) {
            UUID task = new UUID(0, 1 + random.nextLong(ids));
            Optional<ModelTask> open = model.find(task);
            Verdict verdict = broker.cancel(task, "chance");
            assertThat(verdict instanceof Verdict.Accepted).isEqualTo(open.isPresent() && !open.get().settling);
            if (verdict instanceof Verdict.Accepted(Settlement settlement)) {
                settle(task, settlement, () -> {});
            }
        }
    }

    private void decideOne() {
        if (ids > 0) {
            decide(new UUID(0, 1 + random.nextLong(ids)), random.nextInt(5) > 0);
        }
    }

    private void decide(UUID task, boolean approve) {
        boolean possible = model.mayBeDecided(task);
        Verdict verdict = broker.decide(task, approve, "chance", "");
        assertThat(verdict instanceof Verdict.Accepted).isEqualTo(possible);
        if (verdict instanceof Verdict.Accepted(Settlement settlement)) {
            settle(task, settlement, () -> {});
        }
    }

    private void settle(UUID task, Settlement settlement, Runnable answered) {
        model.find(task).orElseThrow().settling = true;
        boolean told = settlement instanceof Settlement.Succeeded || settlement instanceof Settlement.Retry;
        int used = told ? random.nextInt(4) : 0;
        add(new Write(
                false,
                () -> {
                    store.get(task).store(settlement, now);
                    store.get(task).used += used;
                    answered.run();
                    model.spent.merge(store.get(task).spec.root(), (long) used, Long::sum);
                    run(broker.used(task, new Budget.Spent(used, 0), now));
                    model.settled(task, settlement, now);
                    run(broker.settled(task, settlement, now));
                },
                () -> {
                    model.find(task).orElseThrow().settling = false;
                    run(broker.settleFailed(task, now));
                }));
    }

    private void add(Write write) {
        if (storeAway && !write.kept()) {
            write.failed().run();
        } else {
            writes.add(write);
        }
    }

    /** Some of what waits to be written; now and then a write that cannot be is among it. */
    private void write(int most) {
        for (int i = 0; i < most && !storeAway && !writes.isEmpty(); i++) {
            Write write = writes.poll();
            (write.kept() || random.nextInt(50) > 0 ? write.stored() : write.failed()).run();
        }
    }

    private void storeAway(boolean away) {
        if (away && !storeAway) {
            storeAway = true;
            model.paused = true;
            broker.pause();
            List<Write> pending = List.copyOf(writes);
            writes.clear();
            pending.stream().filter(Write::kept).forEach(writes::add);
            pending.stream()
                    .filter(write -> !write.kept())
                    .forEach(write -> write.failed().run());
        } else if (!away && storeAway) {
            storeAway = false;
            model.paused = false;
            run(broker.resume(now));
        }
    }

    /** Another node takes over: only what is stored is left, agents stay where they are. */
    private void takeOver() {
        if (storeAway || random.nextInt(10) > 0) {
            return;
        }
        beginAnew();
        model.paused = true;
        broker.pause();
        for (Agent agent : agents) {
            if (agent.known) {
                adopt(agent);
            }
        }
        tick();
        model.paused = false;
        run(broker.resume(now));
    }

    private void adopt(Agent agent) {
        model.adopted(agent, now);
        run(broker.adopt(
                new RosterAgent(agent.id, agent.generation, skills(agent), agent.slots), agent.connected, now));
    }

    /** kill -9 of the node: only what is stored is left, and what agents remember. */
    private void restart() {
        if (storeAway || random.nextInt(10) > 0) {
            return;
        }
        beginAnew();
        model.forgetAgents();
    }

    private void beginAnew() {
        incarnation++;
        writes.clear();
        model.forgetTasks();
        model.ends.clear();
        store.values().stream()
                .filter(StoredTask::hasEnded)
                .forEach(task -> model.ends.put(task.spec.id(), task.state.equals("succeeded")));
        broker = newBroker();
        store.values().stream().filter(task -> !task.hasEnded()).forEach(this::load);
        model.spent.clear();
        store.values().forEach(task -> {
            model.spent.merge(task.spec.root(), (long) task.used, Long::sum);
            broker.loadChildren(task.spec.id(), (int) plans().children(task.spec.id()));
        });
        model.spent.forEach((root, used) -> broker.loadSpent(root, new Budget.Spent(used, 0)));
        run(broker.loaded(now));
    }

    private void load(StoredTask task) {
        ModelTask open = model.opened(task.spec);
        open.attempt = task.attempt;
        if (task.state.equals("assigned")) {
            open.held = false;
            open.decision =
                    Optional.of(new Decision(task.agent, 0, task.token, now.plus(SETTINGS.reattachGrace()), true));
            broker.loadAssigned(task.spec, task.attempt, task.token, task.agent, now);
        } else if (task.state.equals("held")) {
            open.approved = task.approved;
            broker.loadHeld(task.spec, task.approved, now);
        } else {
            open.held = false;
            open.notBefore = task.notBefore;
            if (task.spec.plan().holds() && task.notBefore.isAfter(open.since)) {
                open.since = task.notBefore;
            }
            broker.loadWaiting(task.spec, task.attempt, task.token, task.notBefore, now);
        }
    }

    private void run(List<Effect> effects) {
        model.apply(effects, now);
        Instant released = now;
        for (Effect effect : effects) {
            StoredTask task = store.get(effect.task());
            switch (effect) {
                case Effect.Assign assign -> store(assign);
                case Effect.Remind remind -> reminded(task, remind);
                case Effect.Release ignored -> keep(() -> task.release(released));
                case Effect.LookUp lookUp -> keep(() -> run(broker.lookedUp(ends(lookUp.required()), now)));
                case Effect.Requeue requeue -> keep(() -> task.requeue(requeue.attempt(), requeue.notBefore()));
                case Effect.Bury ignored -> keep(() -> task.end("dead"));
                case Effect.Drop ignored -> keep(() -> task.end("cancelled"));
                case Effect.Withdraw ignored -> {}
            }
        }
    }

    /** Whatever happens it is done, unless the node is killed. */
    private void keep(Runnable done) {
        add(new Write(true, done, () -> {}));
    }

    /** By now the end of each is stored. */
    private Map<UUID, Boolean> ends(List<UUID> tasks) {
        Map<UUID, Boolean> succeeded = new TreeMap<>();
        for (UUID id : tasks) {
            assertThat(store.get(id).hasEnded()).isTrue();
            succeeded.put(id, store.get(id).state.equals("succeeded"));
        }
        model.found(tasks);
        return succeeded;
    }

    /** It gets what it may have already. */
    private void reminded(StoredTask task, Effect.Remind remind) {
        assertThat(remind.token()).isEqualTo(task.token);
        assertThat(remind.agent()).isEqualTo(task.agent);
        if (random.nextInt(20) > 0) {
            model.agent(remind.agent()).held.put(remind.task(), remind.token());
        }
    }

    private void store(Effect.Assign assign) {
        add(new Write(false, () -> assigned(store.get(assign.task()), assign), () -> {
            model.assignFailed(assign.task(), assign.token(), now);
            run(broker.assignFailed(assign.task(), assign.token(), now));
        }));
    }

    /** Stored; nineteen times of twenty it reaches the agent. */
    private void assigned(StoredTask task, Effect.Assign assign) {
        assertThat(assign.token()).as("tokens of %s", task.spec).isGreaterThan(task.token);
        assertThat(task.state).as("state of %s", task.spec).isEqualTo("queued");
        task.state = "assigned";
        task.token = assign.token();
        task.agent = assign.agent();
        task.attempt = assign.attempt();
        Agent agent = model.agent(assign.agent());
        if (agent.known && agent.generation == assign.generation() && random.nextInt(20) > 0) {
            agent.held.put(assign.task(), assign.token());
        }
    }

    /** From here on nothing fails any more: everything must come to its end. */
    private void finish() {
        storeAway(false);
        for (int i = 0; i < 4_000 && broker.view().open() > 0; i++) {
            now = now.plusMillis(200);
            agents.stream().filter(agent -> !agent.known).forEach(this::attach);
            agents.forEach(this::resume);
            store.keySet().stream().filter(model::mayBeDecided).toList().forEach(task -> decide(task, true));
            drain();
            agents.forEach(this::completeAll);
            drain();
            tick();
            model.check(broker, now);
        }
        drain();
    }

    private void completeAll(Agent agent) {
        new TreeMap<>(agent.held).forEach((task, token) -> {
            Verdict verdict = broker.complete(agent.id, agent.generation, task, token);
            model.checkVerdict(agent, task, token, verdict);
            if (verdict instanceof Verdict.Accepted(Settlement settlement)) {
                settle(task, settlement, () -> {});
            }
            agent.held.remove(task);
        });
    }

    private void drain() {
        while (!writes.isEmpty()) {
            writes.poll().stored().run();
        }
    }
}
