package io.signalbox.verticles.allocation;

import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The agents that have one version of a skill, and which of them are free. Shared by every {@link SkillQueue} whose range
 * has the version, so that a queue comes and goes without a look at the agents. Not thread-safe.
 */
final class AgentPool {
    private final AgentSkill skill;
    private final Set<RosterAgent> agents = new HashSet<>();
    private final List<RosterAgent> free = new ArrayList<>();
    private final Map<RosterAgent, Integer> placeInFree = new HashMap<>();

    AgentPool(AgentSkill skill) {
        this.skill = skill;
    }

    AgentSkill skill() {
        return skill;
    }

    void add(RosterAgent agent) {
        agents.add(agent);
        update(agent);
    }

    void remove(RosterAgent agent) {
        agents.remove(agent);
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

    boolean has(RosterAgent agent) {
        return agents.contains(agent);
    }

    int size() {
        return agents.size();
    }

    int free() {
        return free.size();
    }

    RosterAgent free(int place) {
        return free.get(place);
    }
}
