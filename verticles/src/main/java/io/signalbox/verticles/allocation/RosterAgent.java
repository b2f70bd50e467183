package io.signalbox.verticles.allocation;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.semver4j.Semver;

/** An agent as the {@link TaskBroker} sees it. Not thread-safe. */
final class RosterAgent {
    record AgentSkill(String name, Semver version) {}

    final String id;
    final long generation;

    /** Those of its definition's version, if it follows one. Changed by the {@link Roster} alone once it is there. */
    List<AgentSkill> skills;

    AgentDefinition definition = AgentDefinition.NONE;
    final int slots;
    final Set<UUID> tasks = new HashSet<>(4);
    boolean connected;

    /** Of its free slots, how many the {@link Roster} has counted. */
    int countedFree;

    RosterAgent(String id, long generation, List<AgentSkill> skills, int slots) {
        this.id = id;
        this.generation = generation;
        this.skills = skills;
        this.slots = slots;
    }

    boolean hasSkill(String name) {
        return skills.stream().anyMatch(skill -> skill.name().equals(name));
    }

    boolean isFree() {
        return freeSlots() > 0;
    }

    int freeSlots() {
        return connected ? Math.max(0, slots - tasks.size()) : 0;
    }

    /** 0 to 1. */
    double freeShare() {
        return (slots - tasks.size()) / (double) slots;
    }
}
