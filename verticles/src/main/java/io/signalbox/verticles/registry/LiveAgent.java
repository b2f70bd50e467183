package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An agent that is attached to a node, or was and may come back to its session. Immutable.
 *
 * @param generation of this registration; grows with every attach of the id
 * @param since when its presence became what it is
 */
record LiveAgent(
        String id,
        long generation,
        String definition,
        List<Skill> skills,
        int slots,
        Map<String, String> tags,
        String node,
        String subject,
        String session,
        Presence presence,
        Instant since,
        Instant lastSeen) {
    LiveAgent {
        skills = List.copyOf(skills);
        tags = Map.copyOf(tags);
    }

    LiveAgent with(Presence changed, Instant now) {
        return new LiveAgent(
                id, generation, definition, skills, slots, tags, node, subject, session, changed, now, now);
    }

    LiveAgent heardAt(Instant now) {
        return new LiveAgent(
                id, generation, definition, skills, slots, tags, node, subject, session, presence, since, now);
    }

    boolean hasSkill(String name) {
        return skills.stream().anyMatch(skill -> skill.getName().equals(name));
    }

    AgentInfo info(List<HeldAssignment> held) {
        return AgentInfo.newBuilder()
                .setId(id)
                .setGeneration(generation)
                .setDefinition(definition)
                .addAllSkills(skills)
                .setSlots(slots)
                .putAllTags(tags)
                .setNode(node)
                .setSubject(subject)
                .setSession(session)
                .setPresence(presence)
                .setSinceMs(since.toEpochMilli())
                .setLastSeenMs(lastSeen.toEpochMilli())
                .addAllHeld(held)
                .build();
    }

    AgentInfo info() {
        return info(List.of());
    }
}
