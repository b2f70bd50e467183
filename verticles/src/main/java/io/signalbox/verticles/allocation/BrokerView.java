package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** What can be read of a {@link TaskBroker}, and why a task is where it is. Not thread-safe: the broker's thread only. */
final class BrokerView {
    /** How the task stands, for people. */
    record Standing(String agent, Code code, String reason) {}

    private final OpenTasks tasks;
    private final Roster roster;
    private final BooleanSupplier paused;
    private final int maxOpenTasks;

    /** @param paused whether nothing is assigned at all */
    BrokerView(OpenTasks tasks, Roster roster, BooleanSupplier paused, int maxOpenTasks) {
        this.tasks = tasks;
        this.roster = roster;
        this.paused = paused;
        this.maxOpenTasks = maxOpenTasks;
    }

    /** Whether another task may be submitted; else why not. */
    Optional<Verdict.Refused> refuses(Demand demand, boolean failFast) {
        if (tasks.size() >= maxOpenTasks) {
            return Optional.of(
                    new Verdict.Refused(Code.OVERLOADED, maxOpenTasks + " tasks are open, no more are taken"));
        }
        if (failFast && !roster.anyAgentFor(demand)) {
            return Optional.of(new Verdict.Refused(Code.NO_SUCH_SKILL, noAgent(demand)));
        }
        return Optional.empty();
    }

    /** Whether the token is live and the agent's. */
    boolean holds(String agent, long generation, UUID id, long token) {
        return tasks.find(id)
                .filter(task -> task.refuses(agent, generation, token).isEmpty())
                .isPresent();
    }

    /** Why the task is where it is; empty when it is not open. */
    Optional<Standing> standing(UUID id, Instant now) {
        return tasks.find(id).map(task -> switch (task.state) {
            case ASSIGNED, ORPHANED, SETTLING -> new Standing(task.agent, Code.UNAVAILABLE, "");
            case DELAYED ->
                new Standing("", Code.BACKING_OFF, "attempt " + (task.attempt + 1) + " follows at " + task.notBefore);
            case WAITING -> waiting(task, now);
        });
    }

    private Standing waiting(OpenTask task, Instant now) {
        SkillQueue queue = roster.queue(task.spec.demand());
        int able = queue.ableAgents();
        if (able == 0) {
            return new Standing("", Code.NO_SUCH_SKILL, noAgent(task.spec.demand()));
        }
        if (paused.getAsBoolean()) {
            return new Standing("", Code.UNAVAILABLE, "the store is away or the node stops: nothing is assigned");
        }
        long declined = task.declinedBy.values().stream()
                .filter(until -> until.isAfter(now))
                .count();
        String besides = declined == 0 ? "" : "; " + declined + " declined it lately";
        String others = queue.freeAgents() == 0 ? "none of them has room" : "none of the others has room";
        return new Standing(
                "", Code.ALL_BUSY, "agents with skill " + task.spec.skill() + ": " + able + ", " + others + besides);
    }

    /** What the task asks for; empty when it is not open. */
    Optional<Demand> demandOf(UUID id) {
        return tasks.find(id).map(task -> task.spec.demand());
    }

    /** Attempts so far; 0 when the task is not open. */
    int attemptOf(UUID id) {
        return tasks.find(id).map(task -> task.attempt).orElse(0);
    }

    int open() {
        return tasks.size();
    }

    int count(State state) {
        return tasks.count(state);
    }

    /** Times at which something will be looked at: at most one for each open task. */
    int timers() {
        return tasks.timers();
    }

    /** Different demands that the open tasks have. */
    int demands() {
        return roster.queues().size();
    }

    /** As this registration, connected or suspended. */
    boolean isAttached(String agent, long generation) {
        return roster.find(agent, generation).isPresent();
    }

    /** None of an agent that is gone. */
    AgentDefinition definitionOf(String agent) {
        return roster.find(agent).map(known -> known.definition).orElse(AgentDefinition.NONE);
    }

    int agents() {
        return roster.size();
    }

    int freeSlots() {
        return roster.freeSlots();
    }

    static String noAgent(Demand demand) {
        String range = demand.versionRange().isEmpty() ? "" : " in " + demand.versionRange();
        return "no connected agent has skill " + demand.skill() + range;
    }
}
