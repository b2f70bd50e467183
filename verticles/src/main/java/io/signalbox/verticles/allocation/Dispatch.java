package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.OpenTask.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Brings tasks that wait and agents with room together: the part of the {@link TaskBroker} that assigns. Not thread-safe. */
final class Dispatch {
    private final BrokerSettings settings;
    private final OpenTasks tasks;
    private final Roster roster;
    private final RandomGenerator random;
    private boolean paused;
    private long lastToken;

    /** @param tokenFloor every token will be greater */
    Dispatch(BrokerSettings settings, OpenTasks tasks, Roster roster, long tokenFloor, RandomGenerator random) {
        this.settings = settings;
        this.tasks = tasks;
        this.roster = roster;
        this.lastToken = tokenFloor;
        this.random = random;
    }

    /** That was given before: every token will be greater. */
    void used(long token) {
        lastToken = Math.max(lastToken, token);
    }

    boolean isPaused() {
        return paused;
    }

    /** While the store is away nothing is assigned: it could not be stored. */
    void pause() {
        paused = true;
    }

    /** One task for each free agent, then another, as long as there is room and something waits. */
    List<Effect> resume(Instant now) {
        paused = false;
        List<Effect> effects = new ArrayList<>();
        List<RosterAgent> free = roster.freeAgents();
        while (!free.isEmpty()) {
            free = free.stream()
                    .filter(agent -> giveNext(agent, now, effects) && agent.isFree())
                    .toList();
        }
        return effects;
    }

    /** A free agent that may have it gets what is next for it, which need not be this task. */
    void enqueue(OpenTask task, Instant now, List<Effect> effects) {
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
        Effect.Grounds grounds = new Effect.Grounds(task.since, why(agent, queue));
        queue.given(now);
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
                task.id(), task.token, agent.id, agent.generation, version, task.attempt, settings.lease(), grounds));
    }

    private static String why(RosterAgent agent, SkillQueue queue) {
        return "score " + Math.round(100 * agent.freeShare()) + ", the percentage of its slots that are free; "
                + queue.freeAgents() + " of " + queue.ableAgents() + " able agents had room; "
                + queue.waiting().all() + " tasks wait on";
    }

    /** Takes the task from its agent; the agent, which may be long gone. */
    RosterAgent leave(OpenTask task) {
        RosterAgent agent = roster.find(task.agent, task.generation).orElse(Roster.NOBODY);
        agent.tasks.remove(task.id());
        roster.changed(agent);
        tasks.release(task);
        return agent;
    }

    void fill(RosterAgent agent, Instant now, List<Effect> effects) {
        boolean given = true;
        while (given && !paused && agent.isFree()) {
            given = giveNext(agent, now, effects);
        }
    }

    /** Gives a free agent what waits: of the tenant whose turn it is the smallest rank over all its skills; false: nothing does. */
    private boolean giveNext(RosterAgent agent, Instant now, List<Effect> effects) {
        List<SkillQueue> queues = roster.queuesOf(agent);
        Optional<OpenTask> next = queues.stream()
                .flatMap(queue -> queue.nextFor(agent, now).stream())
                .min(TenantLane::byTurn)
                .flatMap(lane -> firstOf(lane.tenant, queues, agent, now));
        next.ifPresent(task -> {
            SkillQueue queue = roster.queue(task.spec.demand());
            queue.remove(task);
            queues.forEach(each -> each.taken(task.spec.tenant()));
            assign(task, agent, queue, now, effects);
        });
        return next.isPresent();
    }

    private static Optional<OpenTask> firstOf(String tenant, List<SkillQueue> queues, RosterAgent agent, Instant now) {
        return queues.stream()
                .flatMap(queue -> queue.firstFor(tenant, agent, now).stream())
                .min(OpenTask::byRank);
    }
}
