package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import io.signalbox.verticles.allocation.OpenTask.State;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What can be read of a {@link TaskBroker}, and why a task is where it is. Not thread-safe: the broker's thread only. */
final class BrokerView {
    /** How the task stands, for people. */
    record Standing(String agent, Code code, String reason) {}

    private final Map<UUID, OpenTask> tasks;
    private final Roster roster;

    BrokerView(Map<UUID, OpenTask> tasks, Roster roster) {
        this.tasks = tasks;
        this.roster = roster;
    }

    /** Why the task is where it is; empty when it is not open. */
    Optional<Standing> standing(UUID id, Instant now) {
        return Optional.ofNullable(tasks.get(id)).map(task -> switch (task.state) {
            case ASSIGNED, ORPHANED, SETTLING -> new Standing(task.agent, Code.UNAVAILABLE, "");
            case DELAYED ->
                new Standing("", Code.BACKING_OFF, "attempt " + (task.attempt + 1) + " follows at " + task.notBefore);
            case WAITING -> waiting(task, now);
        });
    }

    private Standing waiting(OpenTask task, Instant now) {
        SkillQueue queue = roster.queue(task.spec.demand());
        if (!queue.hasAbleAgents()) {
            return new Standing("", Code.NO_SUCH_SKILL, noAgent(task.spec.demand()));
        }
        long declined = task.declinedBy.values().stream()
                .filter(until -> until.isAfter(now))
                .count();
        String besides = declined == 0 ? "" : "; " + declined + " declined it lately";
        return new Standing("", Code.ALL_BUSY, "every agent with skill " + task.spec.skill() + " is busy" + besides);
    }

    /** What the task asks for; empty when it is not open. */
    Optional<Demand> demandOf(UUID id) {
        return Optional.ofNullable(tasks.get(id)).map(task -> task.spec.demand());
    }

    /** Attempts so far; 0 when the task is not open. */
    int attemptOf(UUID id) {
        return Optional.ofNullable(tasks.get(id)).map(task -> task.attempt).orElse(0);
    }

    int open() {
        return tasks.size();
    }

    long count(State state) {
        return tasks.values().stream().filter(task -> task.state == state).count();
    }

    /** As this registration, connected or suspended. */
    boolean isAttached(String agent, long generation) {
        return roster.find(agent, generation).isPresent();
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
