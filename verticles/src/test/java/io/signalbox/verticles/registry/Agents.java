package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.Skill;
import java.util.Map;

/** Agents as tests want them. */
final class Agents {
    private Agents() {}

    /** @param skills {@code name@version} */
    static LiveAgent agent(String id, String definition, Map<String, String> tags, String... skills) {
        AgentInfo.Builder info = AgentInfo.newBuilder()
                .setId(id)
                .setGeneration(1)
                .setDefinition(definition)
                .putAllTags(tags)
                .setNode("n1")
                .setSlots(1)
                .setPresence(Presence.PRESENCE_CONNECTED);
        for (String skill : skills) {
            String[] parts = skill.split("@");
            info.addSkills(Skill.newBuilder().setName(parts[0]).setVersion(parts[1]));
        }
        return LiveAgent.of(info.build());
    }
}
