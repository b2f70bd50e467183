package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The agents, and the queue of each demand with the agents that can meet it. Not thread-safe. */
final class Roster {
    /** Stands for an agent that is gone: never free, in no queue. */
    static final RosterAgent NOBODY = new RosterAgent("", 0, List.of(), 1);

    /** What belongs to one name of a skill: the agents by version, the queues by range. */
    private static final class Skill {
        final Map<AgentSkill, AgentPool> pools = new HashMap<>();
        final List<SkillQueue> queues = new ArrayList<>();

        boolean isUseless() {
            return pools.isEmpty() && queues.isEmpty();
        }
    }

    private final Map<String, RosterAgent> agents = new HashMap<>();
    private final Map<Demand, SkillQueue> queues = new HashMap<>();
    private final Map<String, Skill> skills = new HashMap<>();
    private final Turns turns = new Turns();
    private int freeSlots;

    void add(RosterAgent agent) {
        agents.put(agent.id, agent);
        agent.skills.stream().distinct().forEach(skill -> pool(skill).add(agent));
        countFree(agent, agent.freeSlots());
    }

    private AgentPool pool(AgentSkill version) {
        Skill skill = skills.computeIfAbsent(version.name(), name -> new Skill());
        return skill.pools.computeIfAbsent(version, missing -> {
            AgentPool pool = new AgentPool(missing);
            skill.queues.forEach(queue -> queue.offer(pool));
            return pool;
        });
    }

    void remove(RosterAgent agent) {
        agents.remove(agent.id);
        agent.skills.stream().distinct().forEach(version -> {
            Skill skill = skills.get(version.name());
            AgentPool pool = skill.pools.get(version);
            pool.remove(agent);
            if (pool.size() == 0) {
                skill.pools.remove(version);
                skill.queues.forEach(queue -> queue.withdraw(pool));
                dropIfUseless(version.name(), skill);
            }
        });
        countFree(agent, 0);
    }

    /**
     * Gives agents other skills.
     *
     * @param skillsOf what an agent has from now on; empty: what it has
     * @return whose skills did change
     */
    List<RosterAgent> revise(Function<RosterAgent, Optional<List<AgentSkill>>> skillsOf) {
        List<RosterAgent> revised = new ArrayList<>();
        for (RosterAgent agent : List.copyOf(agents.values())) {
            skillsOf.apply(agent).filter(skills -> !skills.equals(agent.skills)).ifPresent(skills -> {
                remove(agent);
                agent.skills = skills;
                add(agent);
                revised.add(agent);
            });
        }
        return revised;
    }

    /** After slots or connection of an agent changed. */
    void changed(RosterAgent agent) {
        if (agents.get(agent.id) == agent) {
            agent.skills.forEach(skill -> pool(skill).update(agent));
            countFree(agent, agent.freeSlots());
        }
    }

    private void countFree(RosterAgent agent, int slots) {
        freeSlots += slots - agent.countedFree;
        agent.countedFree = slots;
    }

    Optional<RosterAgent> find(String id) {
        return Optional.ofNullable(agents.get(id));
    }

    Optional<RosterAgent> find(String id, long generation) {
        return find(id).filter(agent -> agent.generation == generation);
    }

    /** The queue, made when it is needed. */
    SkillQueue queue(Demand demand) {
        return queues.computeIfAbsent(demand, this::newQueue);
    }

    private SkillQueue newQueue(Demand demand) {
        SkillQueue queue = new SkillQueue(demand, turns);
        Skill skill = skills.computeIfAbsent(demand.skill(), name -> new Skill());
        skill.queues.add(queue);
        skill.pools.values().forEach(queue::offer);
        return queue;
    }

    void dropIfUseless(Demand demand) {
        SkillQueue queue = queues.get(demand);
        if (queue != null && queue.isUseless()) {
            queues.remove(demand);
            Skill skill = skills.get(demand.skill());
            skill.queues.remove(queue);
            dropIfUseless(demand.skill(), skill);
        }
    }

    private void dropIfUseless(String name, Skill skill) {
        if (skill.isUseless()) {
            skills.remove(name);
        }
    }

    List<SkillQueue> queuesOf(RosterAgent agent) {
        return agent.skills.stream()
                .map(AgentSkill::name)
                .distinct()
                .flatMap(name -> skills.get(name).queues.stream())
                .filter(queue -> queue.isFor(agent))
                .toList();
    }

    Map<Demand, SkillQueue> queues() {
        return queues;
    }

    Collection<RosterAgent> agents() {
        return agents.values();
    }

    List<RosterAgent> freeAgents() {
        return agents.values().stream().filter(RosterAgent::isFree).toList();
    }

    boolean anyAgentFor(Demand demand) {
        Skill skill = skills.get(demand.skill());
        if (skill == null) {
            return false;
        }
        SkillQueue probe = new SkillQueue(demand, turns);
        skill.pools.values().forEach(probe::offer);
        return probe.ableAgents() > 0;
    }

    int size() {
        return agents.size();
    }

    int freeSlots() {
        return freeSlots;
    }
}
