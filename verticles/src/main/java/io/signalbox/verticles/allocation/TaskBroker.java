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
 * <p>Its parts, over the same {@link OpenTasks} and {@link Roster}: {@link Attachments}, {@link Dispatch}, {@link Endings}.
 */
final class TaskBroker {
    private final BrokerSettings settings;
    private final OpenTasks tasks = new OpenTasks();
    private final Roster roster = new Roster();
    private final Dispatch dispatch;
    private final Endings endings;
    private final Attachments attachments;
    private final BrokerView view;

    /** @param tokenFloor every token will be greater: the node's incarnation in the upper half */
    TaskBroker(BrokerSettings settings, long tokenFloor, RandomGenerator random) {
        this.settings = settings;
        this.dispatch = new Dispatch(settings, tasks, roster, tokenFloor, random);
        this.endings = new Endings(settings, tasks, roster, dispatch, random);
        this.attachments = new Attachments(settings, tasks, roster, dispatch, endings);
        this.view = new BrokerView(tasks, roster, dispatch::isPaused, settings.maxOpenTasks());
    }

    /** What there is to read; it changes with the broker and is for the same thread. */
    BrokerView view() {
        return view;
    }

    /** A task that waited when the node started. No agent is there yet. */
    void loadWaiting(TaskSpec spec, int attempt, long lastUsedToken, Instant notBefore, Instant now) {
        OpenTask task = load(spec, attempt, lastUsedToken);
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

    private OpenTask load(TaskSpec spec, int attempt, long token) {
        OpenTask task = newTask(spec);
        task.attempt = attempt;
        task.token = token;
        dispatch.used(token);
        return task;
    }

    private OpenTask newTask(TaskSpec spec) {
        roster.queue(spec.demand()).opened();
        return new OpenTask(spec, settings.rank(spec.submittedAt(), spec.priority()));
    }

    /** A task was stored. */
    List<Effect> submitted(TaskSpec spec, Instant now) {
        OpenTask task = newTask(spec);
        tasks.open(task);
        List<Effect> effects = new ArrayList<>();
        dispatch.enqueue(task, now, effects);
        return effects;
    }

    /**
     * An agent attached, or came back to its session.
     *
     * @param held tokens that it still works on, by task; looked at when the generation is new
     */
    List<Effect> connected(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return attachments.connected(agent, held, now);
    }

    /** The agent's connection is lost, maybe before it was heard of; it keeps what it has and gets nothing new. */
    List<Effect> suspended(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return attachments.suspended(agent, held, now);
    }

    /**
     * An agent that had attached before this node took over keeps what the store says that it has. It is to be reminded, for
     * whoever assigned it may have died before the agent was told.
     */
    List<Effect> adopt(RosterAgent agent, boolean connected, Instant now) {
        return attachments.adopt(agent, connected, now);
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
        return attachments.gone(id, generation, now);
    }

    /** The agent still works on these. */
    List<Effect> renew(String agent, long generation, Map<UUID, Long> held, Instant now) {
        return attachments.renew(agent, generation, held, now);
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

    /** The settlement is stored. */
    List<Effect> settled(UUID id, Settlement settlement, Instant now) {
        return endings.settled(id, settlement, now);
    }

    /** The settlement could not be stored: all is as before, and what became due meanwhile happens now. */
    List<Effect> settleFailed(UUID id, Instant now) {
        return endings.settleFailed(id, now);
    }

    /** The assignment could not be stored: it never was. */
    List<Effect> assignFailed(UUID id, long token, Instant now) {
        return endings.assignFailed(id, token, now);
    }

    /** What became due by now. Call it several times a second. */
    List<Effect> tick(Instant now) {
        return endings.tick(now);
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
