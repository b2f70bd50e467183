package io.signalbox.verticles.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.ModelTask.Decision;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskPlan.OnLoss;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What must be so of a {@link TaskBroker}, worked out again from its effects and answers in the plainest way: every look
 * at it goes through all tasks and agents. What the broker does against it fails the test.
 */
final class BrokerModel {
    /** An agent: as the broker knows it, and in its own mind. */
    static final class Agent {
        final String id;
        final Map<String, Integer> majors;
        final Map<UUID, Long> held = new TreeMap<>();
        int slots;
        long generation;
        boolean known;
        boolean connected;

        /** @param majors of the versions of its skills */
        Agent(String id, int slots, Map<String, Integer> majors) {
            this.id = id;
            this.slots = slots;
            this.majors = majors;
        }

        boolean isAbleFor(TaskSpec spec) {
            return majors.containsKey(spec.skill())
                    && (spec.versionRange().isEmpty()
                            || spec.versionRange().equals("^" + majors.get(spec.skill()) + ".0"));
        }
    }

    private final BrokerSettings settings;
    private final Map<String, Agent> agents = new LinkedHashMap<>();
    private final Map<UUID, ModelTask> open = new LinkedHashMap<>();
    private long lastToken;
    boolean paused;

    /** Whether they succeeded, of tasks that have ended. */
    final Map<UUID, Boolean> ends = new HashMap<>();

    /** By root of a tree. */
    final Map<UUID, Long> spent = new HashMap<>();

    /** Of what came due since, the broker cannot know yet. */
    Instant lastTick = Instant.MIN;

    BrokerModel(BrokerSettings settings, Collection<Agent> agents) {
        this.settings = settings;
        agents.forEach(agent -> this.agents.put(agent.id, agent));
    }

    ModelTask opened(TaskSpec spec) {
        ModelTask task = new ModelTask(spec);
        open.put(spec.id(), task);
        return task;
    }

    /** Another broker begins: what this one decided is gone. */
    void forgetTasks() {
        open.clear();
        paused = false;
    }

    /** The node was killed. */
    void forgetAgents() {
        agents.values().forEach(agent -> {
            agent.known = false;
            agent.connected = false;
        });
    }

    Optional<ModelTask> find(UUID task) {
        return Optional.ofNullable(open.get(task));
    }

    Agent agent(String id) {
        return agents.get(id);
    }

    void attached(Agent agent, long generation, Instant now) {
        agent.generation = generation;
        agent.known = true;
        agent.connected = true;
        for (ModelTask task : open.values()) {
            task.decision = task.decision.map(made -> isKept(task, made, agent)
                    ? new Decision(agent.id, generation, made.token(), now.plus(settings.lease()), false)
                    : made);
        }
    }

    /** It stayed where it is while another broker began. */
    void adopted(Agent agent, Instant now) {
        for (ModelTask task : open.values()) {
            task.decision = task.decision.map(made -> made.agent().equals(agent.id)
                    ? new Decision(agent.id, agent.generation, made.token(), now.plus(settings.lease()), false)
                    : made);
        }
    }

    private static boolean isKept(ModelTask task, Decision made, Agent agent) {
        return made.agent().equals(agent.id)
                && agent.held.getOrDefault(task.spec.id(), 0L) == made.token()
                && !(made.orphan() && task.settling);
    }

    /** What the agent did not name when it was attached is not its any more, unless the store decides just now. */
    void checkNothingIsLeftOf(Agent agent) {
        assertThat(open.values())
                .as("left of an earlier registration of %s", agent.id)
                .noneMatch(task -> !task.settling
                        && task.decision
                                .filter(made -> made.agent().equals(agent.id) && made.generation() != agent.generation)
                                .isPresent());
    }

    void renewed(Agent agent, Instant now) {
        agent.held.forEach((id, token) -> find(id).filter(task -> task.decision
                        .filter(made -> made.token() == token
                                && made.agent().equals(agent.id)
                                && made.generation() == agent.generation)
                        .isPresent())
                .ifPresent(task -> task.decision = Optional.of(
                        new Decision(agent.id, agent.generation, token, now.plus(settings.lease()), false))));
    }

    /** The broker's answer to a wish of an agent must be the one that follows from what it decided. */
    void checkVerdict(Agent agent, UUID id, long token, Verdict verdict) {
        Optional<ModelTask> task = find(id);
        boolean live = task.filter(found -> found.isLive(agent.id, agent.generation, token))
                .isPresent();
        assertThat(verdict instanceof Verdict.Accepted)
                .as("%s ends %s with %d: %s", agent.id, id, token, verdict)
                .isEqualTo(live);
        assertThat(verdict instanceof Verdict.NotOpen).isEqualTo(task.isEmpty());
        if (verdict instanceof Verdict.Refused refused) {
            assertThat(refused.reason()).isNotBlank();
        }
    }

    void settled(UUID id, Settlement settlement, Instant now) {
        ModelTask task = open.get(id);
        task.settling = false;
        Optional<Decision> was = task.decision;
        task.decision = Optional.empty();
        switch (settlement) {
            case Settlement.Succeeded ignored -> ended(id, true);
            case Settlement.Dead ignored -> ended(id, false);
            case Settlement.Cancelled ignored -> ended(id, false);
            case Settlement.Disapproved ignored -> ended(id, false);
            case Settlement.Approved ignored -> task.approved = true;
            case Settlement.Retry retry -> task.notBefore = retry.notBefore();
            case Settlement.Returned returned -> {
                task.attempt--;
                task.notBefore = now;
                task.declinedUntil.put(was.orElseThrow().agent(), returned.declinedUntil());
            }
        }
    }

    /** @return whether the assignment was still the live one */
    void assignFailed(UUID id, long token, Instant now) {
        find(id).filter(task ->
                        task.decision.filter(made -> made.token() == token).isPresent())
                .ifPresent(task -> {
                    task.decision = Optional.empty();
                    task.attempt--;
                    task.notBefore = paused || task.settling ? now : now.plusSeconds(1);
                });
    }

    /** Takes note of effects, each of which must be right at its place in the order. */
    void apply(List<Effect> effects, Instant now) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Assign assign -> assigned(assign, now);
                case Effect.Remind remind ->
                    assertThat(existing(remind).isLive(remind.agent(), remind.generation(), remind.token()))
                            .as("reminded of what it has: %s", remind)
                            .isTrue();
                case Effect.Release release -> released(existing(release), now);
                case Effect.LookUp lookUp -> lookedFor(existing(lookUp), lookUp.required());
                case Effect.Drop drop -> forgone(existing(drop), OnLoss.CANCEL);
                case Effect.Requeue requeue -> requeued(requeue, now);
                case Effect.Bury bury -> buried(bury, now);
                case Effect.Withdraw ignored -> {}
            }
        }
        effects.stream()
                .filter(Effect.Withdraw.class::isInstance)
                .map(Effect.Withdraw.class::cast)
                .forEach(this::withdrawn);
    }

    private void ended(UUID id, boolean well) {
        open.remove(id);
        ends.put(id, well);
    }

    private void released(ModelTask task, Instant now) {
        assertThat(task.held && !task.settling && isFree(task, now))
                .as("released too early: %s", task.spec)
                .isTrue();
        task.held = false;
        task.since = now;
    }

    private boolean isFree(ModelTask task, Instant now) {
        TaskPlan plan = task.spec.plan();
        return (task.approved || !plan.approval())
                && !plan.notBefore().isAfter(now)
                && plan.requires().stream().allMatch(id -> isKnown(task, id))
                && !isLost(task);
    }

    private boolean isLost(ModelTask task) {
        TaskPlan plan = task.spec.plan();
        return task.held
                && plan.onLoss() != OnLoss.RUN
                && plan.requires().stream().anyMatch(id -> isKnown(task, id) && !ends.get(id));
    }

    private boolean isKnown(ModelTask task, UUID required) {
        return ends.containsKey(required) && !task.unknown.contains(required);
    }

    private void lookedFor(ModelTask task, List<UUID> required) {
        assertThat(required).allMatch(id -> find(id).isEmpty());
        task.unknown.addAll(required);
    }

    void found(Collection<UUID> required) {
        open.values().forEach(task -> task.unknown.removeAll(required));
    }

    boolean isExhausted(TaskSpec spec) {
        long limit = spec.plan().budget().tokens();
        return limit > 0 && spent.getOrDefault(spec.root(), 0L) >= limit;
    }

    private void forgone(ModelTask task, OnLoss how) {
        assertThat(isLost(task) && !task.settling && task.spec.plan().onLoss() == how)
                .as("given up for no reason: %s", task.spec)
                .isTrue();
        ended(task.spec.id(), false);
    }

    boolean mayBeDecided(UUID id) {
        return find(id).filter(task -> task.held && !task.settling && !task.approved)
                .filter(task -> task.spec.plan().approval())
                .isPresent();
    }

    private ModelTask existing(Effect effect) {
        return find(effect.task()).orElseThrow(() -> new AssertionError("the task has ended: " + effect));
    }

    private void assigned(Effect.Assign assign, Instant now) {
        ModelTask task = existing(assign);
        Agent agent = agents.get(assign.agent());
        assertThat(paused).as("assigned while paused: %s", assign).isFalse();
        assertThat(task.waitsAt(now)).as("assigned while it waits: %s", assign).isTrue();
        assertThat(task.isOverdue(lastTick))
                .as("assigned after its deadline: %s", assign)
                .isFalse();
        assertThat(agent.known && agent.connected && agent.generation == assign.generation())
                .as("the agent is there: %s", assign)
                .isTrue();
        assertThat(agent.isAbleFor(task.spec)).as("able: %s", assign).isTrue();
        assertThat(assign.skillVersion()).isEqualTo(agent.majors.get(task.spec.skill()) + ".0.0");
        assertThat(task.mayAsk(agent, now)).as("declined lately: %s", assign).isTrue();
        assertThat(taken(agent)).as("room for %s", assign).isLessThan(agent.slots);
        assertThat(assign.token()).as("tokens grow: %s", assign).isGreaterThan(lastToken);
        assertThat(assign.attempt())
                .as("attempt of %s", assign)
                .isEqualTo(task.attempt + 1)
                .isLessThanOrEqualTo(task.spec.maxAttempts());
        assertThat(isExhausted(task.spec)).as("budget for %s", assign).isFalse();
        checkNoneWasPassedOver(task, agent, now);
        lastToken = assign.token();
        task.attempt++;
        task.decision = Optional.of(
                new Decision(agent.id, agent.generation, assign.token(), now.plus(settings.lease()), false));
    }

    /** A task of the tenant, of any skill of the agent, that waited with a smaller rank, and that the agent might have had. */
    private void checkNoneWasPassedOver(ModelTask task, Agent agent, Instant now) {
        long rank = settings.rank(task.since, task.spec.priority());
        assertThat(open.values())
                .as("passed over for %s by %s", task.spec, agent.id)
                .noneMatch(other -> other != task
                        && other.spec.tenant().equals(task.spec.tenant())
                        && agent.isAbleFor(other.spec)
                        && settings.rank(other.since, other.spec.priority()) < rank
                        && other.waitsAt(earlier(lastTick, now))
                        && other.mayAsk(agent, earlier(lastTick, now)));
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private void requeued(Effect.Requeue requeue, Instant now) {
        ModelTask task = existing(requeue);
        assertThat(task.settling)
                .as("what is being stored decides: %s", requeue)
                .isFalse();
        Decision lost = task.decision.orElseThrow(() -> new AssertionError("nobody had it: " + requeue));
        assertThat(requeue.attempt()).isEqualTo(task.attempt).isLessThan(task.spec.maxAttempts());
        if (requeue.code() == Code.LEASE_EXPIRED) {
            assertThat(lost.leaseUntil()).as("lease of %s", requeue).isBeforeOrEqualTo(now);
        }
        task.decision = Optional.empty();
        task.notBefore = requeue.notBefore();
    }

    private void buried(Effect.Bury bury, Instant now) {
        ModelTask task = existing(bury);
        assertThat(task.settling).as("what is being stored decides: %s", bury).isFalse();
        if (bury.code() == Code.BUDGET_EXHAUSTED) {
            assertThat(isExhausted(task.spec) && task.decision.isEmpty()).isTrue();
            ended(bury.task(), false);
            return;
        }
        if (bury.code() == Code.REQUIREMENT_LOST) {
            forgone(task, OnLoss.FAIL);
            return;
        }
        boolean exceeded = bury.code() == Code.DEADLINE_EXCEEDED;
        assertThat(exceeded ? task.isOverdue(now) : task.attempt == task.spec.maxAttempts())
                .as("a reason to bury: %s", bury)
                .isTrue();
        ended(bury.task(), false);
    }

    private void withdrawn(Effect.Withdraw withdraw) {
        assertThat(find(withdraw.task())
                        .filter(task -> task.isLive(withdraw.agent(), withdraw.generation(), withdraw.token())))
                .as("a live token is not called dead: %s", withdraw)
                .isEmpty();
        Agent agent = agents.get(withdraw.agent());
        if (agent.generation == withdraw.generation()) {
            agent.held.remove(withdraw.task(), withdraw.token());
        }
    }

    private int taken(Agent agent) {
        return (int) open.values().stream()
                .flatMap(task -> task.decision.stream())
                .filter(made -> made.agent().equals(agent.id) && made.generation() == agent.generation)
                .count();
    }

    /** After a tick: everything that the broker says of itself, and that nothing due was left undone. */
    void check(TaskBroker broker, Instant now) {
        BrokerView view = broker.view();
        assertThat(view.open()).as("open tasks").isEqualTo(open.size());
        assertThat(view.timers()).as("timers").isLessThanOrEqualTo(open.size());
        assertThat(view.demands()).as("queues").isEqualTo((int) open.values().stream()
                .map(task -> task.spec.demand())
                .distinct()
                .count());
        assertThat(view.agents()).isEqualTo((int)
                agents.values().stream().filter(agent -> agent.known).count());
        List<Agent> free = new ArrayList<>();
        int slots = 0;
        for (Agent agent : agents.values()) {
            int room = agent.known && agent.connected ? agent.slots - taken(agent) : 0;
            slots += Math.max(0, room);
            if (room > 0) {
                free.add(agent);
            }
        }
        assertThat(view.freeSlots()).as("free slots").isEqualTo(slots);
        checkCounts(view);
        open.values().forEach(task -> check(task, view, free, now));
    }

    private void checkCounts(BrokerView view) {
        Map<State, Integer> counts = new HashMap<>();
        open.values().forEach(task -> counts.merge(state(task), 1, Integer::sum));
        assertThat(view.queues().values().stream()
                        .mapToInt(queue -> queue.waiting().all())
                        .sum())
                .isEqualTo(counts.getOrDefault(State.WAITING, 0));
        for (State state : State.values()) {
            assertThat(view.count(state)).as("tasks %s", state).isEqualTo(counts.getOrDefault(state, 0));
        }
    }

    private State state(ModelTask task) {
        if (task.settling) {
            return State.SETTLING;
        }
        if (task.held) {
            return State.HELD;
        }
        return task.decision
                .map(made -> made.orphan() ? State.ORPHANED : State.ASSIGNED)
                .orElse(task.waitsAt(lastTick) ? State.WAITING : State.DELAYED);
    }

    private void check(ModelTask task, BrokerView view, List<Agent> free, Instant now) {
        BrokerView.Standing standing = view.standing(task.spec.id(), now)
                .orElseThrow(() -> new AssertionError("no explanation of " + task.spec));
        if (task.settling) {
            return;
        }
        assertThat(task.isOverdue(now)).as("overdue: %s", task.spec).isFalse();
        assertThat(task.decision.isEmpty() && isExhausted(task.spec))
                .as("waits without a budget: %s", task.spec)
                .isFalse();
        assertThat(isLost(task)).as("held for nothing: %s", task.spec).isFalse();
        assertThat(task.held && isFree(task, now))
                .as("held for nothing: %s", task.spec)
                .isFalse();
        assertThat(standing.agent())
                .isEqualTo(task.decision.map(Decision::agent).orElse(""));
        task.decision.ifPresent(made ->
                assertThat(made.leaseUntil()).as("lease of %s", task.spec).isAfter(now));
        if (task.decision.isEmpty()) {
            assertThat(standing.reason()).isNotBlank();
            assertThat(standing.code()).as("why %s waits", task.spec).isEqualTo(reason(task));
        }
        if (!paused && task.waitsAt(now)) {
            assertThat(free)
                    .as("%s waits though there is room", task.spec)
                    .noneMatch(agent -> agent.isAbleFor(task.spec) && task.mayAsk(agent, now));
        }
    }

    private Code reason(ModelTask task) {
        TaskPlan plan = task.spec.plan();
        if (task.held && plan.notBefore().isAfter(lastTick)) {
            return Code.NOT_YET;
        }
        if (task.held) {
            return plan.requires().stream().allMatch(id -> isKnown(task, id))
                    ? Code.AWAITS_APPROVAL
                    : Code.AWAITS_TASKS;
        }
        if (!task.waitsAt(lastTick)) {
            return Code.BACKING_OFF;
        }
        if (agents.values().stream().noneMatch(agent -> agent.known && agent.isAbleFor(task.spec))) {
            return Code.NO_SUCH_SKILL;
        }
        return paused ? Code.UNAVAILABLE : Code.ALL_BUSY;
    }
}
