package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The agents, and the queue of each demand with the agents that can meet it. Not thread-safe. */
final class Roster {
    /** Stands for an agent that is gone: never free, in no queue. */
    static final RosterAgent NOBODY = new RosterAgent("", 0, List.of(), 1);

    private final Map<String, RosterAgent> agents = new HashMap<>();
    private final Map<Demand, SkillQueue> queues = new HashMap<>();
    private final Map<String, List<SkillQueue>> queuesBySkill = new HashMap<>();

    void add(RosterAgent agent) {
        agents.put(agent.id, agent);
        queuesOf(agent).forEach(queue -> queue.addAgent(agent));
    }

    void remove(RosterAgent agent) {
        agents.remove(agent.id, agent);
        queuesOf(agent).forEach(queue -> queue.removeAgent(agent));
    }

    /** After slots or connection of an agent changed. */
    void changed(RosterAgent agent) {
        if (agents.get(agent.id) == agent) {
            queuesOf(agent).forEach(queue -> queue.update(agent));
        }
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
        SkillQueue queue = new SkillQueue(demand);
        queuesBySkill
                .computeIfAbsent(demand.skill(), skill -> new ArrayList<>())
                .add(queue);
        agents.values().stream()
                .filter(agent -> queue.versionOf(agent).isPresent())
                .forEach(queue::addAgent);
        return queue;
    }

    void dropIfUseless(Demand demand) {
        SkillQueue queue = queues.get(demand);
        if (queue != null && queue.isUseless()) {
            queues.remove(demand);
            queuesBySkill.computeIfPresent(demand.skill(), (skill, list) -> {
                list.remove(queue);
                return list.isEmpty() ? null : list;
            });
        }
    }

    List<SkillQueue> queuesOf(RosterAgent agent) {
        return agent.skills.stream()
                .map(RosterAgent.AgentSkill::name)
                .distinct()
                .flatMap(name -> queuesBySkill.getOrDefault(name, List.of()).stream())
                .filter(queue -> queue.versionOf(agent).isPresent())
                .toList();
    }

    Collection<SkillQueue> queues() {
        return List.copyOf(queues.values());
    }

    boolean anyAgentFor(Demand demand) {
        SkillQueue queue = queues.get(demand);
        if (queue != null) {
            return queue.hasAbleAgents();
        }
        SkillQueue probe = new SkillQueue(demand);
        return agents.values().stream().anyMatch(agent -> probe.versionOf(agent).isPresent());
    }

    int size() {
        return agents.size();
    }

    int freeSlots() {
        return agents.values().stream()
                .filter(RosterAgent::isFree)
                .mapToInt(agent -> agent.slots - agent.tasks.size())
                .sum();
    }
}
