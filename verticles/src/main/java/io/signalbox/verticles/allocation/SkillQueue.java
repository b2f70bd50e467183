package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;

/**
 * The tasks that wait for one demand and the agents that can do them. Not thread-safe.
 *
 * <p>Tenants take turns: where several have something for an agent, the one goes first whose last turn is longest ago, and
 * its turn lasts for as many tasks as its weight says. Of a tenant's tasks the smallest rank goes first, over all queues of the agent.
 * A tenant that comes anew begins behind the others, so that coming and going gains nothing.
 *
 * <p><b>The ageing bound.</b> A task of priority {@code p} waits from {@code t} on. After {@code t + (9 - p) * priorityStep} no
 * task that is submitted any more, however urgent, gets a smaller rank. Let {@code n} be how often tasks of its tenant with a smaller
 * rank are still assigned from then on, {@code w} the tenant's weight, and {@code W} the sum of the weights of all tenants
 * with something for the same agents, a tenant counted once for each of its queues there. Then the task starts at the latest with the
 *
 * <pre>ceil((n + 1) / w) * W + W</pre>
 *
 * th assignment from then on to agents that may have it, whatever else is submitted. (The last {@code W} is for turns under way.)
 * {@code FairnessSimulationTest} holds the broker to it.
 */
final class SkillQueue {
    /** So many free agents are drawn at random, the one with the greatest free share wins. */
    private static final int CHOICES = 2;

    private final RangeList range;
    private final Turns turns;
    private final Map<String, TenantLane> lanes = new HashMap<>();
    private final TreeSet<TenantLane> inTurn = new TreeSet<>(TenantLane::byTurn);
    private final List<AgentPool> pools = new ArrayList<>();
    private final WaitCounts counts = new WaitCounts();
    private final Pace pace = new Pace();

    /** Tasks of this demand, whether they wait here or not. */
    private int open;

    SkillQueue(Demand demand, Turns turns) {
        this.range = demand.range();
        this.turns = turns;
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
        TenantLane lane = lanes.computeIfAbsent(task.spec.tenant(), tenant -> newLane(tenant, task.weight));
        if (lane.waiting.add(task)) {
            counts.add(task);
        }
    }

    private TenantLane newLane(String tenant, int weight) {
        TenantLane lane = new TenantLane(tenant, weight, turns.next());
        inTurn.add(lane);
        return lane;
    }

    void remove(OpenTask task) {
        lanes.computeIfPresent(task.spec.tenant(), (tenant, lane) -> {
            if (lane.waiting.remove(task)) {
                counts.remove(task);
            }
            if (lane.waiting.isEmpty()) {
                inTurn.remove(lane);
                return null;
            }
            return lane;
        });
    }

    /** The tenant whose turn it is, among those with a task that this agent may have. */
    Optional<TenantLane> nextFor(RosterAgent agent, Instant now) {
        for (TenantLane lane : inTurn) {
            if (lane.firstFor(agent, now).isPresent()) {
                return Optional.of(lane);
            }
        }
        return Optional.empty();
    }

    /** The first task of the tenant that this agent may have. */
    Optional<OpenTask> firstFor(String tenant, RosterAgent agent, Instant now) {
        TenantLane lane = lanes.get(tenant);
        return lane == null ? Optional.empty() : lane.firstFor(agent, now);
    }

    /** An agent of this queue was given a task of the tenant. */
    void taken(String tenant) {
        TenantLane lane = lanes.get(tenant);
        if (lane != null && lane.take()) {
            inTurn.remove(lane);
            lane.toTheEnd(turns.next());
            inTurn.add(lane);
        }
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
            if (task.mayAsk(agent.id, now)) {
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

    WaitCounts waiting() {
        return counts;
    }

    /** With something that waits. */
    int tenants() {
        return lanes.size();
    }

    /** A task was taken out for an agent. */
    void given(Instant now) {
        pace.given(now);
    }

    /** How long it takes until that many are given away; empty: nothing is known of the pace. */
    Optional<Duration> timeFor(int tasks, Instant now) {
        return pace.timeFor(tasks, now);
    }

    /**
     * How many are expected to be given away before the task: those of its tenant with a smaller rank, and of the others what their
     * turns let them have meanwhile.
     *
     * @param limit of tasks that are looked at; empty: the place is further from both ends of its lane
     */
    OptionalInt placeOf(OpenTask task, int limit) {
        TenantLane lane = lanes.get(task.spec.tenant());
        if (lane == null || !lane.waiting.contains(task)) {
            return OptionalInt.empty();
        }
        OptionalInt own = lane.placeOf(task, limit);
        return own.isEmpty() ? own : OptionalInt.of(own.getAsInt() + ofOthers(lane, own.getAsInt()));
    }

    private int ofOthers(TenantLane own, int ahead) {
        int rounds = ahead / own.weight + 1;
        int others = 0;
        for (TenantLane lane : inTurn) {
            if (lane != own) {
                others += (int) Math.min(lane.waiting.size(), (long) rounds * lane.weight);
            }
        }
        return others;
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
