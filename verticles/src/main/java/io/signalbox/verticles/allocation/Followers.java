package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Cohort;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.FollowedVersion;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semver4j.Semver;

/** What agents that follow a definition's channel are given. Not thread-safe. */
final class Followers {
    private final Map<String, FollowedChannels> channels = new HashMap<>();

    /** False: it is no news. */
    boolean learn(FollowedChannels told) {
        FollowedChannels before = channels.get(told.getDefinition());
        boolean news = before == null || before.getRevision() < told.getRevision();
        if (news) {
            channels.put(told.getDefinition(), told);
        }
        return news;
    }

    /** The version that the agent is to have now; empty: the one that it has. */
    Optional<FollowedVersion> next(RosterAgent agent) {
        AgentDefinition definition = agent.definition;
        return definition.follows()
                ? find(definition.name())
                        .map(found -> isGivenCanary(agent, found) ? found.getCanary() : found.getStable())
                        .filter(given -> !given.getVersion().equals(definition.version()))
                : Optional.empty();
    }

    private static boolean isGivenCanary(RosterAgent agent, FollowedChannels found) {
        return found.hasCanary()
                && (agent.definition.wantsCanary()
                        || Cohort.has(agent.id, found.getDefinition(), found.getRollout(), found.getShare()));
    }

    /** While a canary is given. */
    Optional<FollowedChannels> rolloutOf(String definition) {
        return find(definition).filter(FollowedChannels::hasCanary);
    }

    private Optional<FollowedChannels> find(String definition) {
        return Optional.ofNullable(channels.get(definition));
    }

    static List<AgentSkill> skills(List<Skill> skills) {
        return skills.stream()
                .map(skill -> new AgentSkill(skill.getName(), Semver.parse(skill.getVersion())))
                .toList();
    }
}
