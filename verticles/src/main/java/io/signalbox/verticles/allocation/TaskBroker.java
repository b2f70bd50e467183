package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import java.time.Duration;
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
 */
final class TaskBroker {
    /** An agent that declined a task is not asked for that task so long. */
    private static final Duration DECLINE_PAUSE = Duration.ofSeconds(5);

    /** The store takes writes, but not this assignment: it is not tried again before. */
    private static final Duration UNSTORED_PAUSE = Duration.ofSeconds(1);

    private final BrokerSettings settings;
    private final RandomGenerator random;
    private final OpenTasks tasks = new OpenTasks();
    private final Roster roster = new Roster();
    private boolean paused;
    private final BrokerView view;
    private long lastToken;

    /** @param tokenFloor every token will be greater: the node's incarnation in the upper half */
    TaskBroker(BrokerSettings settings, long tokenFloor, RandomGenerator random) {
        this.settings = settings;
        this.lastToken = tokenFloor;
        this.random = random;
        this.view = new BrokerView(tasks, roster, () -> paused, settings.maxOpenTasks());
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
        lastToken = Math.max(lastToken, token);
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
        enqueue(task, now, effects);
        return effects;
    }

    /** A free agent that may have it gets the smallest rank that waits for it, which need not be this task's. */
    private void enqueue(OpenTask task, Instant now, List<Effect> effects) {
        SkillQueue queue = roster.queue(task.spec.demand());
        queue.add(task);
        tasks.move(task, State.WAITING);
        while (!paused && task.state == State.WAITING) {
            Optional<RosterAgent> agent = queue.choose(task, now, random);
            if (agent.isEmpty()) {
                return;
            }
            giveNext(agent.get(), now, effects);
        }
    }

    private void assign(OpenTask task, RosterAgent agent, SkillQueue queue, Instant now, List<Effect> effects) {
        task.attempt++;
        task.token = ++lastToken;
        task.agent = agent.id;
        task.generation = agent.generation;
        task.leaseUntil = now.plus(settings.lease());
        tasks.move(task, State.ASSIGNED);
        agent.tasks.add(task.id());
        roster.changed(agent);
        String version = queue.versionOf(agent).orElseThrow().toString();
        effects.add(new Effect.Assign(
                task.id(), task.token, agent.id, agent.generation, version, task.attempt, settings.lease()));
    }

    /** The assignment could not be stored: it never was. */
    List<Effect> assignFailed(UUID id, long token, Instant now) {
        List<Effect> effects = new ArrayList<>();
        tasks.find(id)
                .filter(task -> task.token == token && (task.state == State.ASSIGNED || task.wasAssigned()))
                .ifPresent(task -> takeBack(task, now, effects));
        return effects;
    }

    private void takeBack(OpenTask task, Instant now, List<Effect> effects) {
        RosterAgent agent = leave(task);
        task.attempt--;
        if (task.state == State.SETTLING) {
            task.before = State.WAITING;
        } else if (paused) {
            enqueue(task, now, effects);
        } else {
            again(task, now.plus(UNSTORED_PAUSE), now, effects);
        }
        fill(agent, now, effects);
    }

    /** Takes the task from its agent; the agent, which may be long gone. */
    private RosterAgent leave(OpenTask task) {
        RosterAgent agent = roster.find(task.agent, task.generation).orElse(Roster.NOBODY);
        agent.tasks.remove(task.id());
        roster.changed(agent);
        tasks.release(task);
        return agent;
    }

    private void fill(RosterAgent agent, Instant now, List<Effect> effects) {
        boolean given = true;
        while (given && !paused && agent.isFree()) {
            given = giveNext(agent, now, effects);
        }
    }

    /** Gives a free agent what waits, the smallest rank over all its skills; false: nothing does. */
    private boolean giveNext(RosterAgent agent, Instant now, List<Effect> effects) {
        Optional<OpenTask> next = roster.queuesOf(agent).stream()
                .flatMap(queue -> queue.firstFor(agent, now).stream())
                .min(OpenTask::byRank);
        next.ifPresent(task -> {
            SkillQueue queue = roster.queue(task.spec.demand());
            queue.remove(task);
            assign(task, agent, queue, now, effects);
        });
        return next.isPresent();
    }

    /**
     * An agent attached, or came back to its session.
     *
     * @param held tokens that it still works on, by task; looked at when the generation is new
     */
    List<Effect> connected(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return attached(agent, held, true, now);
    }

    /** The agent's connection is lost, maybe before it was heard of; it keeps what it has and gets nothing new. */
    List<Effect> suspended(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        return attached(agent, held, false, now);
    }

    private List<Effect> attached(RosterAgent agent, Map<UUID, Long> held, boolean connected, Instant now) {
        List<Effect> effects = new ArrayList<>();
        Optional<RosterAgent> known = roster.find(agent.id);
        if (known.isPresent() && known.get().generation > agent.generation) {
            return effects;
        }
        if (known.isPresent() && known.get().generation == agent.generation) {
            known.get().connected = connected;
            roster.changed(known.get());
            fill(known.get(), now, effects);
            return effects;
        }
        known.ifPresent(roster::remove);
        agent.connected = connected;
        keepHeld(agent, held, now, effects);
        roster.add(agent);
        loseOthers(agent, known, now, effects);
        fill(agent, now, effects);
        return effects;
    }

    private void keepHeld(RosterAgent agent, Map<UUID, Long> held, Instant now, List<Effect> effects) {
        held.forEach((id, token) -> {
            Optional<OpenTask> task = tasks.find(id).filter(open -> open.isHeld(token) && open.agent.equals(agent.id));
            if (task.isPresent()) {
                keep(task.get(), agent, now);
            } else {
                effects.add(dead(id, token, agent.id, agent.generation));
            }
        });
    }

    private void keep(OpenTask task, RosterAgent agent, Instant now) {
        task.generation = agent.generation;
        agent.tasks.add(task.id());
        task.leaseUntil = now.plus(settings.lease());
        if (task.state == State.ORPHANED) {
            tasks.move(task, State.ASSIGNED);
        }
    }

    private static Effect dead(UUID task, long token, String agent, long generation) {
        return new Effect.Withdraw(task, token, agent, generation, Code.TOKEN_SUPERSEDED, "the token is dead");
    }

    /**
     * An agent that had attached before this node took over keeps what the store says that it has. It is to be reminded, for
     * whoever assigned it may have died before the agent was told.
     */
    List<Effect> adopt(RosterAgent agent, boolean connected, Instant now) {
        List<Effect> effects = new ArrayList<>();
        if (roster.find(agent.id).isPresent()) {
            return effects; // what happened since it was listed says more
        }
        agent.connected = connected;
        for (UUID id : tasks.orphansOf(agent.id)) {
            OpenTask task = tasks.find(id).orElseThrow();
            keep(task, agent, now);
            effects.add(new Effect.Remind(id, task.token, agent.id, agent.generation, task.attempt, settings.lease()));
        }
        roster.add(agent);
        fill(agent, now, effects);
        return effects;
    }

    /** What the agent had before and did not name any more. */
    private void loseOthers(RosterAgent agent, Optional<RosterAgent> known, Instant now, List<Effect> effects) {
        List<UUID> before = known.map(old -> List.copyOf(old.tasks)).orElseGet(() -> tasks.orphansOf(agent.id));
        before.stream()
                .filter(id -> !agent.tasks.contains(id))
                .forEach(id -> tasks.find(id)
                        .ifPresent(task -> lose(
                                task, Code.AGENT_LOST, "agent " + agent.id + " came back without it", now, effects)));
    }

    /** The agent will not come back: its tokens die. */
    List<Effect> gone(String id, long generation, Instant now) {
        List<Effect> effects = new ArrayList<>();
        // Of a later registration, which came and went unheard of, this one is gone as well.
        Optional<RosterAgent> agent = roster.find(id).filter(known -> known.generation <= generation);
        agent.ifPresent(roster::remove);
        agent.map(left -> List.copyOf(left.tasks))
                .orElse(List.of())
                .forEach(task -> tasks.find(task)
                        .ifPresent(lost -> lose(lost, Code.AGENT_LOST, "agent " + id + " is gone", now, effects)));
        return effects;
    }

    /** The token dies without a word of the agent: another attempt or the end. */
    private void lose(OpenTask task, Code code, String reason, Instant now, List<Effect> effects) {
        if (task.state == State.SETTLING) {
            return; // what is being stored decides
        }
        leave(task);
        if (task.wasLastAttempt()) {
            close(task);
            effects.add(new Effect.Bury(task.id(), Code.ATTEMPTS_EXHAUSTED, task.lastAttempt(reason)));
            return;
        }
        effects.add(new Effect.Requeue(task.id(), task.attempt, now, code, reason));
        enqueue(task, now, effects);
    }

    private void close(OpenTask task) {
        tasks.close(task);
        roster.queue(task.spec.demand()).closed();
        roster.dropIfUseless(task.spec.demand());
    }

    /** The agent still works on these. */
    List<Effect> renew(String agent, long generation, Map<UUID, Long> held, Instant now) {
        List<Effect> effects = new ArrayList<>();
        held.forEach((id, token) -> {
            Optional<OpenTask> task = tasks.find(id)
                    .filter(open -> open.token == token && open.generation == generation && open.agent.equals(agent));
            if (task.isPresent()) {
                task.get().leaseUntil = now.plus(settings.lease());
            } else if (!isAhead(agent, generation)) {
                effects.add(dead(id, token, agent, generation));
            }
        });
        return effects;
    }

    /** Whether the agent has attached anew, and what it says came before the news of that. */
    private boolean isAhead(String agent, long generation) {
        return roster.find(agent).map(known -> known.generation < generation).orElse(false);
    }

    Verdict complete(String agent, long generation, UUID id, long token) {
        return end(agent, generation, id, token, task -> new Settlement.Succeeded());
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
        return end(agent, generation, id, token, task -> {
            if (!retryable) {
                return new Settlement.Dead(code, reason);
            }
            if (task.wasLastAttempt()) {
                return new Settlement.Dead(Code.ATTEMPTS_EXHAUSTED, task.lastAttempt(reason));
            }
            return new Settlement.Retry(now.plus(settings.backoff(task.attempt, random)), code, reason);
        });
    }

    Verdict decline(String agent, long generation, UUID id, long token, String reason, Instant now) {
        return end(agent, generation, id, token, task -> new Settlement.Returned(now.plus(DECLINE_PAUSE), reason));
    }

    private Verdict end(String agent, long generation, UUID id, long token, Function<OpenTask, Settlement> settlement) {
        Optional<OpenTask> task = tasks.find(id);
        Optional<Verdict.Refused> refused = task.flatMap(open -> open.refuses(agent, generation, token));
        if (task.isEmpty() || refused.isPresent()) {
            return refused.<Verdict>map(refusal -> refusal).orElseGet(Verdict.NotOpen::new);
        }
        Settlement decided = settlement.apply(task.get());
        settling(task.get());
        return new Verdict.Accepted(decided);
    }

    Verdict cancel(UUID id, String by) {
        return tasks.find(id).map(task -> cancel(task, by)).orElseGet(Verdict.NotOpen::new);
    }

    private Verdict cancel(OpenTask task, String by) {
        if (task.state == State.SETTLING) {
            return OpenTask.BEING_STORED;
        }
        if (task.state == State.WAITING) {
            roster.queue(task.spec.demand()).remove(task);
        }
        settling(task);
        return new Verdict.Accepted(new Settlement.Cancelled(by));
    }

    private void settling(OpenTask task) {
        task.before = task.state;
        tasks.move(task, State.SETTLING);
    }

    /** The settlement is stored. */
    List<Effect> settled(UUID id, Settlement settlement, Instant now) {
        OpenTask task = tasks.find(id).orElseThrow();
        List<Effect> effects = new ArrayList<>();
        if (settlement instanceof Settlement.Cancelled && !task.agent.isEmpty()) {
            effects.add(new Effect.Withdraw(
                    id, task.token, task.agent, task.generation, Code.TASK_CANCELLED, "the task was cancelled"));
        }
        String agentId = task.agent;
        RosterAgent agent = leave(task);
        switch (settlement) {
            case Settlement.Succeeded ignored -> close(task);
            case Settlement.Dead ignored -> close(task);
            case Settlement.Cancelled ignored -> close(task);
            case Settlement.Retry retry -> again(task, retry.notBefore(), now, effects);
            case Settlement.Returned returned -> {
                task.attempt--;
                task.declinedBy.put(agentId, returned.declinedUntil());
                again(task, now, now, effects);
            }
        }
        fill(agent, now, effects);
        return effects;
    }

    /** The task waits again, from {@code notBefore} on. */
    private void again(OpenTask task, Instant notBefore, Instant now, List<Effect> effects) {
        task.notBefore = notBefore;
        if (task.isOverdue(now)) {
            exceed(task, effects, now);
        } else if (notBefore.isAfter(now)) {
            tasks.move(task, State.DELAYED);
        } else {
            enqueue(task, now, effects);
        }
    }

    /** The settlement could not be stored: all is as before, and what became due meanwhile happens now. */
    List<Effect> settleFailed(UUID id, Instant now) {
        OpenTask task = tasks.find(id).orElseThrow();
        List<Effect> effects = new ArrayList<>();
        if (task.before == State.WAITING || task.before == State.DELAYED) {
            again(task, task.notBefore, now, effects);
            return effects;
        }
        tasks.move(task, task.before);
        if (task.state == State.ASSIGNED
                && roster.find(task.agent, task.generation).isEmpty()) {
            lose(task, Code.AGENT_LOST, "agent " + task.agent + " is gone", now, effects);
        } else {
            effects.addAll(due(task, now));
        }
        return effects;
    }

    /** What became due by now. Call it several times a second. */
    List<Effect> tick(Instant now) {
        List<Effect> effects = new ArrayList<>();
        for (UUID id : tasks.due(now)) {
            tasks.find(id).ifPresent(task -> effects.addAll(due(task, now)));
            tasks.find(id).ifPresent(tasks::setTimer);
        }
        return effects;
    }

    private List<Effect> due(OpenTask task, Instant now) {
        List<Effect> effects = new ArrayList<>();
        if (task.isOverdue(now) && task.state != State.SETTLING) {
            exceed(task, effects, now);
        } else if (task.state == State.ASSIGNED && !task.leaseUntil.isAfter(now)) {
            expire(task, now, effects);
        } else if (task.state == State.ORPHANED && !task.leaseUntil.isAfter(now)) {
            lose(task, Code.AGENT_LOST, "agent " + task.agent + " did not come back", now, effects);
        } else if (task.state == State.DELAYED && !task.notBefore.isAfter(now)) {
            enqueue(task, now, effects);
        } else if (task.state == State.WAITING && !task.declinedBy.isEmpty()) {
            task.declinedBy.values().removeIf(until -> !until.isAfter(now));
            roster.queue(task.spec.demand()).remove(task);
            enqueue(task, now, effects);
        }
        return effects;
    }

    private void exceed(OpenTask task, List<Effect> effects, Instant now) {
        boolean assigned = task.state == State.ASSIGNED || task.state == State.ORPHANED;
        String reason = "the deadline " + task.spec.deadline().orElseThrow() + " has passed";
        if (task.state == State.WAITING) {
            roster.queue(task.spec.demand()).remove(task);
        }
        if (assigned) {
            effects.add(new Effect.Withdraw(
                    task.id(), task.token, task.agent, task.generation, Code.DEADLINE_EXCEEDED, reason));
        }
        RosterAgent agent = assigned ? leave(task) : Roster.NOBODY;
        close(task);
        effects.add(new Effect.Bury(task.id(), Code.DEADLINE_EXCEEDED, reason));
        fill(agent, now, effects);
    }

    private void expire(OpenTask task, Instant now, List<Effect> effects) {
        String reason = "agent " + task.agent + " did not renew its lease";
        RosterAgent agent = roster.find(task.agent, task.generation).orElse(Roster.NOBODY);
        effects.add(
                new Effect.Withdraw(task.id(), task.token, task.agent, task.generation, Code.LEASE_EXPIRED, reason));
        lose(task, Code.LEASE_EXPIRED, reason, now, effects);
        fill(agent, now, effects);
    }

    /** While the store is away nothing is assigned: it could not be stored. */
    void pause() {
        paused = true;
    }

    /** The smallest rank over all queues first, as long as anybody is free. */
    List<Effect> resume(Instant now) {
        paused = false;
        List<Effect> effects = new ArrayList<>();
        roster.inOrder(task -> {
            SkillQueue queue = roster.queue(task.spec.demand());
            queue.choose(task, now, random).ifPresent(agent -> {
                queue.remove(task);
                assign(task, agent, queue, now, effects);
            });
        });
        return effects;
    }
}
