package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;

/** The tasks that wait for one demand, in order of rank, and the agents that can do them. Not thread-safe. */
final class SkillQueue {
    /** So many free agents are drawn at random, the one with the greatest free share wins. */
    private static final int CHOICES = 2;

    private final RangeList range;
    private final TreeSet<OpenTask> waiting = new TreeSet<>(OpenTask::byRank);
    private final List<AgentPool> pools = new ArrayList<>();

    /** Tasks of this demand, whether they wait here or not. */
    private int open;

    SkillQueue(Demand demand) {
        this.range = demand.range();
    }

    /** @param pool of the demand's skill, in whatever version */
    void offer(AgentPool pool) {
        if (pool.skill().version().satisfies(range)) {
            pools.add(pool);
        }
    }

    void withdraw(AgentPool pool) {
        pools.remove(pool);
    }

    /** The version that the agent would work by: its highest in the range. */
    Optional<Semver> versionOf(RosterAgent agent) {
        return pools.stream()
                .filter(pool -> pool.has(agent))
                .map(pool -> pool.skill().version())
                .max(Comparator.naturalOrder());
    }

    boolean isFor(RosterAgent agent) {
        return pools.stream().anyMatch(pool -> pool.has(agent));
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
        int free = freeAgents();
        Optional<RosterAgent> best = Optional.empty();
        for (int i = 0; i < Math.min(CHOICES, free); i++) {
            Optional<RosterAgent> drawn = askable(task, random.nextInt(free), free, now);
            if (best.isEmpty() || drawn.orElseThrow().freeShare() > best.get().freeShare()) {
                best = drawn;
            }
        }
        return best;
    }

    /** From a place on, the first free agent that may be asked: only those that declined are passed over. */
    private Optional<RosterAgent> askable(OpenTask task, int from, int free, Instant now) {
        for (int i = 0; i < free; i++) {
            RosterAgent agent = freeAt((from + i) % free);
            if (mayAsk(agent, task, now)) {
                return Optional.of(agent);
            }
        }
        return Optional.empty();
    }

    private RosterAgent freeAt(int place) {
        int rest = place;
        for (AgentPool pool : pools) {
            if (rest < pool.free()) {
                return pool.free(rest);
            }
            rest -= pool.free();
        }
        throw new IndexOutOfBoundsException(place);
    }

    private static boolean mayAsk(RosterAgent agent, OpenTask task, Instant now) {
        Instant until = task.declinedBy.get(agent.id);
        return until == null || !until.isAfter(now);
    }

    /** The first that waits. */
    Optional<OpenTask> first() {
        return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.first());
    }

    /** The next that waits. */
    Optional<OpenTask> after(OpenTask task) {
        return Optional.ofNullable(waiting.higher(task));
    }

    /** Agents that have the skill in the range; one with two such versions counts twice. */
    int ableAgents() {
        return pools.stream().mapToInt(AgentPool::size).sum();
    }

    int freeAgents() {
        return pools.stream().mapToInt(AgentPool::free).sum();
    }

    void opened() {
        open++;
    }

    void closed() {
        open--;
    }

    boolean isUseless() {
        return open == 0;
    }
}
