package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Decides which agent gets which task, when an assignment is over, and what follows. A task has at most one live token;
 * tokens grow strictly. Single writer, not thread-safe; knows no clock and does nothing itself: what is to be done is
 * returned as {@link Effect}s, in order.
 *
 * <p>Its parts, over the same {@link OpenTasks} and {@link Roster}: {@link Holding}, {@link Attachments}, {@link Dispatch}, {@link Endings}.
 */
final class TaskBroker {
    private final BrokerSettings settings;
    private final OpenTasks tasks = new OpenTasks();
    private final Roster roster = new Roster();
    private final Dispatch dispatch;
    private final Holding holding = new Holding(tasks);
    private final Budgets budgets = new Budgets();
    private final Endings endings;
    private final Attachments attachments;
    private final BrokerView view;

    /** @param tokenFloor every token will be greater: the node's incarnation in the upper half */
    TaskBroker(BrokerSettings settings, long tokenFloor, RandomGenerator random) {
        this.settings = settings;
        this.dispatch = new Dispatch(settings, tasks, roster, tokenFloor, random);
        this.endings = new Endings(settings, tasks, roster, dispatch, holding, budgets, random);
        this.attachments = new Attachments(settings, tasks, roster, dispatch, endings);
        this.view = new BrokerView(tasks, roster, holding, budgets, dispatch::isPaused, settings.maxOpenTasks());
    }

    /** What there is to read; it changes with the broker and is for the same thread. */
    BrokerView view() {
        return view;
    }

    /** A task that waited when the node started. No agent is there yet. */
    void loadWaiting(TaskSpec spec, int attempt, long lastUsedToken, Instant notBefore, Instant now) {
        OpenTask task = load(spec, attempt, lastUsedToken);
        if (spec.plan().holds() && notBefore.isAfter(spec.submittedAt())) {
            task.since = notBefore; // when it was released
            task.rank = settings.rank(notBefore, spec.priority());
        }
        task.notBefore = notBefore;
        if (notBefore.isAfter(now)) {
            task.state = State.DELAYED;
        } else {
            roster.queue(spec.demand()).add(task);
        }
        tasks.open(task);
    }

    /** A task that an agent had when the node started: the agent has the grace to come back and go on. */
    void loadAssigned(TaskSpec spec, int attempt, long token, String agent, Instant now) {
        OpenTask task = load(spec, attempt, token);
        task.agent = agent;
        task.state = State.ORPHANED;
        task.leaseUntil = now.plus(settings.reattachGrace());
        tasks.open(task);
    }

    /** A task that was held when the node started; {@link #loaded} follows. */
    void loadHeld(TaskSpec spec, boolean approved, Instant now) {
        hold(newTask(spec), approved, now);
    }

    /** What a tree with a budget has used before this broker began; before {@link #loaded}. */
    void loadSpent(UUID root, Budget.Spent spent) {
        budgets.loaded(root, spent);
    }

    /** How many children a task has; before {@link #loaded}. */
    void loadChildren(UUID parent, int children) {
        tasks.find(parent).ifPresent(task -> task.children = children);
    }

    /** All that was open is loaded. */
    List<Effect> loaded(Instant now) {
        List<Effect> effects = new ArrayList<>();
        List.copyOf(budgets.roots()).forEach(root -> endings.stopTree(root, effects));
        List<OpenTask> held = tasks.held();
        held.forEach(task -> holding.begin(task, effects));
        held.forEach(task -> endings.goOn(task, now, effects));
        return endings.conclude(effects, now);
    }

    private OpenTask load(TaskSpec spec, int attempt, long token) {
        OpenTask task = newTask(spec);
        task.attempt = attempt;
        task.token = token;
        dispatch.used(token);
        return task;
    }

    private OpenTask newTask(TaskSpec spec) {
        roster.queue(spec.demand()).opened();
        budgets.opened(spec);
        return new OpenTask(spec, settings.rank(spec.submittedAt(), spec.priority()), settings.weight(spec.tenant()));
    }

    private void hold(OpenTask task, boolean approved, Instant now) {
        task.holds = Optional.of(Holding.holds(task.spec.plan(), approved, now));
        task.notBefore = task.spec.plan().notBefore();
        task.state = State.HELD;
        tasks.open(task);
    }

    /** A task was stored. */
    List<Effect> submitted(TaskSpec spec, Instant now) {
        OpenTask task = newTask(spec);
        List<Effect> effects = new ArrayList<>();
        if (spec.plan().holds()) {
            hold(task, false, now);
            holding.begin(task, effects);
            endings.goOn(task, now, effects);
        } else {
            tasks.open(task);
            endings.enqueue(task, now, effects);
        }
        return endings.conclude(effects, now);
    }

    /**
     * How tasks have ended that others require.
     *
     * @param succeeded by task; what is open is ignored
     */
    List<Effect> lookedUp(Map<UUID, Boolean> succeeded, Instant now) {
        return endings.conclude(endings.lookedUp(succeeded), now);
    }

    /** Somebody approves of a held task, or does not. */
    Verdict decide(UUID id, boolean approve, String by, String reason) {
        return endings.decide(id, approve, by, reason);
    }

    /**
     * An agent attached, or came back to its session.
     *
     * @param held tokens that it still works on, by task; looked at when the generation is new
     */
    List<Effect> connected(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return endings.conclude(attachments.connected(agent, held, now), now);
    }

    /** The agent's connection is lost, maybe before it was heard of; it keeps what it has and gets nothing new. */
    List<Effect> suspended(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return endings.conclude(attachments.suspended(agent, held, now), now);
    }

    /**
     * An agent that had attached before this node took over keeps what the store says that it has. It is to be reminded, for
     * whoever assigned it may have died before the agent was told.
     */
    List<Effect> adopt(RosterAgent agent, boolean connected, Instant now) {
        return endings.conclude(attachments.adopt(agent, connected, now), now);
    }

    /**
     * Agents have other skills from now on; what they work on they keep.
     *
     * @param skillsOf asked for every agent; empty: it has what it had
     */
    List<Effect> revise(Function<RosterAgent, Optional<List<AgentSkill>>> skillsOf, Instant now) {
        List<Effect> effects = new ArrayList<>();
        roster.revise(skillsOf).forEach(agent -> dispatch.fill(agent, now, effects));
        return effects;
    }

    /** The agent will not come back: its tokens die. */
    List<Effect> gone(String id, long generation, Instant now) {
        return endings.conclude(attachments.gone(id, generation, now), now);
    }

    /** The agent still works on these. */
    List<Effect> renew(String agent, long generation, Map<UUID, Long> held, Instant now) {
        return endings.conclude(attachments.renew(agent, generation, held, now), now);
    }

    Verdict complete(String agent, long generation, UUID id, long token) {
        return endings.complete(agent, generation, id, token);
    }

    Verdict fail(
            String agent,
            long generation,
            UUID id,
            long token,
            Code code,
            String reason,
            boolean retryable,
            Instant now) {
        return endings.fail(agent, generation, id, token, code, reason, retryable, now);
    }

    Verdict decline(String agent, long generation, UUID id, long token, String reason, Instant now) {
        return endings.decline(agent, generation, id, token, reason, now);
    }

    Verdict cancel(UUID id, String by) {
        return endings.cancel(id, by);
    }

    /** An agent reported, and it is stored, what it used for the task; what it says of the task's end follows. */
    List<Effect> used(UUID id, Budget.Spent spent, Instant now) {
        return endings.conclude(endings.used(id, spent), now);
    }

    /** A part of the task is about to be stored. */
    void childReserved(UUID parent) {
        tasks.find(parent).ifPresent(task -> task.children++);
    }

    /** It was not stored after all. */
    void childForgone(UUID parent) {
        tasks.find(parent).ifPresent(task -> task.children--);
    }

    /** The settlement is stored. */
    List<Effect> settled(UUID id, Settlement settlement, Instant now) {
        return endings.conclude(endings.settled(id, settlement, now), now);
    }

    /** The settlement could not be stored: all is as before, and what became due meanwhile happens now. */
    List<Effect> settleFailed(UUID id, Instant now) {
        return endings.conclude(endings.settleFailed(id, now), now);
    }

    /** The assignment could not be stored: it never was. */
    List<Effect> assignFailed(UUID id, long token, Instant now) {
        return endings.conclude(endings.assignFailed(id, token, now), now);
    }

    /** What became due by now. Call it several times a second. */
    List<Effect> tick(Instant now) {
        return endings.conclude(endings.tick(now), now);
    }

    /** While the store is away nothing is assigned: it could not be stored. */
    void pause() {
        dispatch.pause();
    }

    /** Gives what waits to whoever is free. */
    List<Effect> resume(Instant now) {
        return dispatch.resume(now);
    }
}
