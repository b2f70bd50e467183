package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;

/** The tasks that wait for one demand, in order of rank, and the agents that can do them. Not thread-safe. */
final class SkillQueue {
    /** So many free agents are drawn at random, the one with the greatest free share wins. */
    private static final int CHOICES = 2;

    private final Demand demand;
    private final RangeList range;
    private final TreeSet<OpenTask> waiting = new TreeSet<>(OpenTask::byRank);
    private final Set<RosterAgent> able = new HashSet<>();
    private final List<RosterAgent> free = new ArrayList<>();
    private final Map<RosterAgent, Integer> placeInFree = new HashMap<>();

    /** Tasks of this demand that are not in the queue but not ended either. */
    private int elsewhere;

    SkillQueue(Demand demand) {
        this.demand = demand;
        this.range = demand.range();
    }

    Demand demand() {
        return demand;
    }

    /** The version that the agent would work by: its highest in the range. */
    Optional<Semver> versionOf(RosterAgent agent) {
        return agent.skills.stream()
                .filter(skill -> skill.name().equals(demand.skill()))
                .map(AgentSkill::version)
                .filter(version -> version.satisfies(range))
                .max(Comparator.naturalOrder());
    }

    void addAgent(RosterAgent agent) {
        able.add(agent);
        update(agent);
    }

    void removeAgent(RosterAgent agent) {
        able.remove(agent);
        removeFree(agent);
    }

    /** After the agent's slots or connection changed. */
    void update(RosterAgent agent) {
        if (!agent.isFree()) {
            removeFree(agent);
        } else if (!placeInFree.containsKey(agent)) {
            placeInFree.put(agent, free.size());
            free.add(agent);
        }
    }

    private void removeFree(RosterAgent agent) {
        Integer place = placeInFree.remove(agent);
        if (place == null) {
            return;
        }
        RosterAgent last = free.removeLast();
        if (last != agent) {
            free.set(place, last);
            placeInFree.put(last, place);
        }
    }

    void add(OpenTask task) {
        waiting.add(task);
    }

    void remove(OpenTask task) {
        waiting.remove(task);
    }

    /** The first task that this agent may have. */
    Optional<OpenTask> firstFor(RosterAgent agent, Instant now) {
        return waiting.stream().filter(task -> mayAsk(agent, task, now)).findFirst();
    }

    /** A free agent for the task. */
    Optional<RosterAgent> choose(OpenTask task, Instant now, RandomGenerator random) {
        if (!task.declinedBy.isEmpty()) {
            return free.stream()
                    .filter(agent -> mayAsk(agent, task, now))
                    .max(Comparator.comparingDouble(RosterAgent::freeShare));
        }
        Optional<RosterAgent> best = Optional.empty();
        for (int i = 0; i < Math.min(CHOICES, free.size()); i++) {
            RosterAgent drawn = free.get(random.nextInt(free.size()));
            if (best.isEmpty() || drawn.freeShare() > best.get().freeShare()) {
                best = Optional.of(drawn);
            }
        }
        return best;
    }

    private static boolean mayAsk(RosterAgent agent, OpenTask task, Instant now) {
        Instant until = task.declinedBy.get(agent.id);
        return until == null || !until.isAfter(now);
    }

    Iterable<OpenTask> waiting() {
        return List.copyOf(waiting);
    }

    int size() {
        return waiting.size();
    }

    boolean hasAbleAgents() {
        return !able.isEmpty();
    }

    boolean hasFreeAgents() {
        return !free.isEmpty();
    }

    void count(int tasks) {
        elsewhere += tasks;
    }

    boolean isUseless() {
        return elsewhere == 0 && waiting.isEmpty();
    }
}
