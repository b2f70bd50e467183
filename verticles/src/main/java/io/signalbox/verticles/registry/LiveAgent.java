package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
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
 * @param lastSeen by its own node, by that one's clock; others know it some seconds later
 * @param held assignments that it named when it attached
 * @param standing what directives make of it
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
        Instant lastSeen,
        List<HeldAssignment> held,
        AgentStanding standing) {
    LiveAgent {
        skills = List.copyOf(skills);
        tags = Map.copyOf(tags);
        held = List.copyOf(held);
    }

    LiveAgent with(Presence changed, Instant now) {
        return with(changed, now, now, standing);
    }

    LiveAgent heardAt(Instant now) {
        return with(presence, since, now, standing);
    }

    LiveAgent withStanding(AgentStanding judged) {
        return with(presence, since, lastSeen, judged);
    }

    private LiveAgent with(Presence presence, Instant since, Instant lastSeen, AgentStanding standing) {
        return new LiveAgent(
                id,
                generation,
                definition,
                skills,
                slots,
                tags,
                node,
                subject,
                session,
                presence,
                since,
                lastSeen,
                held,
                standing);
    }

    /** Of the definition; empty without one. */
    String definitionVersion() {
        return definition.substring(definition.indexOf('@') + 1);
    }

    /** Whether it is found in the same ways. */
    boolean isDescribedAs(LiveAgent other) {
        return definition.equals(other.definition)
                && node.equals(other.node)
                && skills.equals(other.skills)
                && tags.equals(other.tags);
    }

    static LiveAgent of(AgentInfo info) {
        return new LiveAgent(
                info.getId(),
                info.getGeneration(),
                info.getDefinition(),
                info.getSkillsList(),
                info.getSlots(),
                info.getTagsMap(),
                info.getNode(),
                info.getSubject(),
                info.getSession(),
                info.getPresence(),
                Instant.ofEpochMilli(info.getSinceMs()),
                Instant.ofEpochMilli(info.getLastSeenMs()),
                info.getHeldList(),
                info.getStanding());
    }

    boolean isKilled() {
        return standing.getStanding() == Standing.STANDING_KILLED;
    }

    boolean isConnected() {
        return presence == Presence.PRESENCE_CONNECTED;
    }

    /** The same agent's, of another time or another node. */
    boolean isNewerThan(LiveAgent other) {
        return generation != other.generation ? generation > other.generation : node.compareTo(other.node) > 0;
    }

    boolean isSameAs(LiveAgent other) {
        return generation == other.generation && node.equals(other.node);
    }

    AgentInfo info() {
        AgentInfo.Builder info = AgentInfo.newBuilder()
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
                .addAllHeld(held);
        if (!standing.equals(AgentStanding.getDefaultInstance())) {
            info.setStanding(standing);
        }
        return info.build();
    }
}
