package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
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

    private final BrokerSettings settings;
    private final RandomGenerator random;
    private final Map<UUID, OpenTask> tasks = new HashMap<>();
    private final Roster roster = new Roster();
    private final TaskTimers timers = new TaskTimers();
    private final BrokerView view = new BrokerView(tasks, roster);
    private long lastToken;
    private boolean paused;

    /** @param tokenFloor every token will be greater: the node's incarnation in the upper half */
    TaskBroker(BrokerSettings settings, long tokenFloor, RandomGenerator random) {
        this.settings = settings;
        this.lastToken = tokenFloor;
        this.random = random;
    }

    /** What there is to read; it changes with the broker and is for the same thread. */
    BrokerView view() {
        return view;
    }

    /** A task that waited when the node started. */
    void loadWaiting(TaskSpec spec, int attempt, long lastUsedToken, Instant notBefore, Instant now) {
        OpenTask task = open(spec);
        task.attempt = attempt;
        task.token = lastUsedToken;
        delay(task, notBefore, now);
    }

    /** A task that an agent had when the node started: the agent has the grace to come back and go on. */
    void loadAssigned(TaskSpec spec, int attempt, long token, String agent, Instant now) {
        OpenTask task = open(spec);
        task.attempt = attempt;
        task.token = token;
        task.agent = agent;
        task.state = State.ORPHANED;
        task.leaseUntil = now.plus(settings.reattachGrace());
        roster.queue(spec.demand()).count(1);
        timers.at(task.leaseUntil, task.id());
    }

    private OpenTask open(TaskSpec spec) {
        OpenTask task = new OpenTask(spec, settings.rank(spec.submittedAt(), spec.priority()));
        tasks.put(spec.id(), task);
        spec.deadline().ifPresent(deadline -> timers.at(deadline, spec.id()));
        return task;
    }

    /** Whether another task may be submitted; else why not. */
    Optional<Verdict.Refused> refuses(Demand demand, boolean failFast) {
        if (tasks.size() >= settings.maxOpenTasks()) {
            return Optional.of(new Verdict.Refused(
                    Code.OVERLOADED, settings.maxOpenTasks() + " tasks are open, no more are taken"));
        }
        if (failFast && !roster.anyAgentFor(demand)) {
            return Optional.of(new Verdict.Refused(Code.NO_SUCH_SKILL, BrokerView.noAgent(demand)));
        }
        return Optional.empty();
    }

    /** A task was stored. */
    List<Effect> submitted(TaskSpec spec, Instant now) {
        OpenTask task = open(spec);
        List<Effect> effects = new ArrayList<>();
        enqueue(task, now, effects);
        return effects;
    }

    private void enqueue(OpenTask task, Instant now, List<Effect> effects) {
        task.state = State.WAITING;
        SkillQueue queue = roster.queue(task.spec.demand());
        if (!paused) {
            Optional<RosterAgent> agent = queue.choose(task, now, random);
            if (agent.isPresent()) {
                assign(task, agent.get(), queue, now, effects);
                return;
            }
        }
        queue.add(task);
    }

    private void assign(OpenTask task, RosterAgent agent, SkillQueue queue, Instant now, List<Effect> effects) {
        task.state = State.ASSIGNED;
        task.attempt++;
        task.token = ++lastToken;
        task.agent = agent.id;
        task.generation = agent.generation;
        task.leaseUntil = now.plus(settings.lease());
        timers.at(task.leaseUntil, task.id());
        queue.count(1);
        agent.tasks.add(task.id());
        roster.changed(agent);
        String version = queue.versionOf(agent).orElseThrow().toString();
        effects.add(new Effect.Assign(
                task.id(), task.token, agent.id, agent.generation, version, task.attempt, settings.lease()));
    }

    /** The assignment could not be stored: it never was. */
    List<Effect> assignFailed(UUID id, long token, Instant now) {
        List<Effect> effects = new ArrayList<>();
        OpenTask task = tasks.get(id);
        if (task != null && task.token == token && task.state == State.ASSIGNED) {
            RosterAgent agent = leave(task);
            task.attempt--;
            enqueue(task, now, effects);
            fill(agent, now, effects);
        }
        return effects;
    }

    /** Takes the task from its agent; the agent, which may be long gone. */
    private RosterAgent leave(OpenTask task) {
        RosterAgent agent = roster.find(task.agent, task.generation).orElse(Roster.NOBODY);
        agent.tasks.remove(task.id());
        roster.changed(agent);
        roster.queue(task.spec.demand()).count(-1);
        task.release();
        return agent;
    }

    /** Gives a free agent what waits, the smallest rank over all its skills first. */
    private void fill(RosterAgent agent, Instant now, List<Effect> effects) {
        while (!paused && agent.isFree()) {
            Optional<OpenTask> next = roster.queuesOf(agent).stream()
                    .flatMap(queue -> queue.firstFor(agent, now).stream())
                    .min(Comparator.comparingLong(task -> task.rank));
            if (next.isEmpty()) {
                return;
            }
            SkillQueue queue = roster.queue(next.get().spec.demand());
            queue.remove(next.get());
            assign(next.get(), agent, queue, now, effects);
        }
    }

    /**
     * An agent attached, or came back to its session.
     *
     * @param held tokens that it still works on, by task; looked at when the generation is new
     */
    List<Effect> connected(RosterAgent agent, Map<UUID, Long> held, Instant now) {
        List<Effect> effects = new ArrayList<>();
        Optional<RosterAgent> known = roster.find(agent.id);
        if (known.isPresent() && known.get().generation > agent.generation) {
            return effects;
        }
        if (known.isPresent() && known.get().generation == agent.generation) {
            known.get().connected = true;
            roster.changed(known.get());
            fill(known.get(), now, effects);
            return effects;
        }
        known.ifPresent(roster::remove);
        agent.connected = true;
        roster.add(agent);
        keepHeld(agent, held, now, effects);
        loseOthers(agent, known, now, effects);
        roster.changed(agent);
        fill(agent, now, effects);
        return effects;
    }

    private void keepHeld(RosterAgent agent, Map<UUID, Long> held, Instant now, List<Effect> effects) {
        held.forEach((id, token) -> {
            OpenTask task = tasks.get(id);
            if (task != null && task.isHeld(token) && task.agent.equals(agent.id)) {
                task.generation = agent.generation;
                agent.tasks.add(id);
                if (task.state == State.ORPHANED) {
                    task.state = State.ASSIGNED;
                }
                lease(task, now);
            } else {
                effects.add(new Effect.Withdraw(
                        id, token, agent.id, agent.generation, Code.TOKEN_SUPERSEDED, "the token is dead"));
            }
        });
    }

    private void lease(OpenTask task, Instant now) {
        task.leaseUntil = now.plus(settings.lease());
        timers.at(task.leaseUntil, task.id());
    }

    /** What the agent had before and did not name any more. */
    private void loseOthers(RosterAgent agent, Optional<RosterAgent> known, Instant now, List<Effect> effects) {
        List<UUID> before = known.isPresent()
                ? List.copyOf(known.get().tasks)
                : tasks.values().stream()
                        .filter(task -> task.state == State.ORPHANED && task.agent.equals(agent.id))
                        .map(OpenTask::id)
                        .toList();
        for (UUID id : before) {
            OpenTask task = tasks.get(id);
            if (task != null && !agent.tasks.contains(id)) {
                lose(task, Code.AGENT_LOST, "agent " + agent.id + " came back without it", now, effects);
            }
        }
    }

    /** The agent's connection is lost; it keeps what it has and gets nothing new. */
    void suspended(String id, long generation) {
        roster.find(id, generation).ifPresent(agent -> {
            agent.connected = false;
            roster.changed(agent);
        });
    }

    /** The agent will not come back: its tokens die. */
    List<Effect> gone(String id, long generation, Instant now) {
        List<Effect> effects = new ArrayList<>();
        Optional<RosterAgent> agent = roster.find(id, generation);
        agent.ifPresent(roster::remove);
        agent.map(left -> List.copyOf(left.tasks))
                .orElse(List.of())
                .forEach(task -> Optional.ofNullable(tasks.get(task))
                        .ifPresent(lost -> lose(lost, Code.AGENT_LOST, "agent " + id + " is gone", now, effects)));
        return effects;
    }

    /** The token dies without a word of the agent: another attempt or the end. */
    private void lose(OpenTask task, Code code, String reason, Instant now, List<Effect> effects) {
        if (task.state == State.SETTLING) {
            return; // what is being stored decides
        }
        leave(task);
        if (task.attempt >= task.spec.maxAttempts()) {
            close(task);
            effects.add(new Effect.Bury(
                    task.id(),
                    Code.ATTEMPTS_EXHAUSTED,
                    "attempt " + task.attempt + " of " + task.attempt + ": " + reason));
            return;
        }
        effects.add(new Effect.Requeue(task.id(), task.attempt, now, code, reason));
        enqueue(task, now, effects);
    }

    private void close(OpenTask task) {
        tasks.remove(task.id());
        roster.dropIfUseless(task.spec.demand());
    }

    /** The agent still works on these. */
    List<Effect> renew(String agent, long generation, Map<UUID, Long> held, Instant now) {
        List<Effect> effects = new ArrayList<>();
        held.forEach((id, token) -> {
            OpenTask task = tasks.get(id);
            if (task != null && task.token == token && task.generation == generation && task.agent.equals(agent)) {
                lease(task, now);
            } else {
                effects.add(
                        new Effect.Withdraw(id, token, agent, generation, Code.TOKEN_SUPERSEDED, "the token is dead"));
            }
        });
        return effects;
    }

    /** Whether the token is live and the agent's. */
    boolean holds(String agent, long generation, UUID id, long token) {
        OpenTask task = tasks.get(id);
        return task != null
                && task.state == State.ASSIGNED
                && task.refuses(agent, generation, token).isEmpty();
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
            if (task.attempt >= task.spec.maxAttempts()) {
                return new Settlement.Dead(
                        Code.ATTEMPTS_EXHAUSTED, "attempt " + task.attempt + " of " + task.attempt + ": " + reason);
            }
            return new Settlement.Retry(now.plus(settings.backoff(task.attempt, random)), code, reason);
        });
    }

    Verdict decline(String agent, long generation, UUID id, long token, String reason, Instant now) {
        return end(agent, generation, id, token, task -> new Settlement.Returned(now.plus(DECLINE_PAUSE), reason));
    }

    private Verdict end(String agent, long generation, UUID id, long token, Function<OpenTask, Settlement> settlement) {
        OpenTask task = tasks.get(id);
        if (task == null) {
            return new Verdict.NotOpen();
        }
        Optional<Verdict.Refused> refused = task.refuses(agent, generation, token);
        if (refused.isPresent()) {
            return refused.get();
        }
        Settlement decided = settlement.apply(task);
        settling(task);
        return new Verdict.Accepted(decided);
    }

    Verdict cancel(UUID id, String by) {
        OpenTask task = tasks.get(id);
        if (task == null) {
            return new Verdict.NotOpen();
        }
        if (task.state == State.SETTLING) {
            return new Verdict.Refused(Code.UNAVAILABLE, "the task's end is being stored; ask again");
        }
        if (task.state == State.WAITING) {
            roster.queue(task.spec.demand()).remove(task);
        }
        settling(task);
        return new Verdict.Accepted(new Settlement.Cancelled(by));
    }

    private void settling(OpenTask task) {
        task.before = task.state;
        task.state = State.SETTLING;
        if (task.before == State.WAITING || task.before == State.DELAYED) {
            roster.queue(task.spec.demand()).count(1);
        }
    }

    /** The settlement is stored. */
    List<Effect> settled(UUID id, Settlement settlement, Instant now) {
        OpenTask task = tasks.get(id);
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
            case Settlement.Retry retry -> delay(task, retry.notBefore(), now);
            case Settlement.Returned returned -> {
                task.attempt--;
                task.declinedBy.put(agentId, returned.declinedUntil());
                timers.at(returned.declinedUntil(), id);
                enqueue(task, now, effects);
            }
        }
        fill(agent, now, effects);
        return effects;
    }

    private void delay(OpenTask task, Instant notBefore, Instant now) {
        task.notBefore = notBefore;
        if (notBefore.isAfter(now)) {
            task.state = State.DELAYED;
            timers.at(notBefore, task.id());
        } else {
            task.state = State.WAITING;
            roster.queue(task.spec.demand()).add(task);
        }
    }

    /** The settlement could not be stored: all is as before, and a lease that ran out meanwhile ends now. */
    List<Effect> settleFailed(UUID id, Instant now) {
        OpenTask task = tasks.get(id);
        List<Effect> effects = new ArrayList<>();
        task.state = task.before;
        if (task.before == State.WAITING || task.before == State.DELAYED) {
            roster.queue(task.spec.demand()).count(-1);
        }
        if (task.before == State.WAITING) {
            enqueue(task, now, effects);
        } else if (task.state == State.ASSIGNED
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
        for (UUID id : timers.due(now)) {
            OpenTask task = tasks.get(id);
            if (task != null && task.state != State.SETTLING) {
                effects.addAll(due(task, now));
            }
        }
        return effects;
    }

    private List<Effect> due(OpenTask task, Instant now) {
        List<Effect> effects = new ArrayList<>();
        if (task.spec.deadline().map(deadline -> !deadline.isAfter(now)).orElse(false)) {
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

    List<Effect> resume(Instant now) {
        paused = false;
        List<Effect> effects = new ArrayList<>();
        for (SkillQueue queue : roster.queues()) {
            if (queue.size() > 0 && queue.hasFreeAgents()) {
                dispatch(queue, now, effects);
            }
        }
        return effects;
    }

    private void dispatch(SkillQueue queue, Instant now, List<Effect> effects) {
        for (OpenTask task : queue.waiting()) {
            if (!queue.hasFreeAgents()) {
                return;
            }
            queue.choose(task, now, random).ifPresent(agent -> {
                queue.remove(task);
                assign(task, agent, queue, now, effects);
            });
        }
    }
}
