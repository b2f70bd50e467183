package io.signalbox.verticles.registry;

import io.signalbox.codecs.Cohort;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.FollowedChannels;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which version of a definition an agent has: the one that it names, or the one that the channel gives it that it follows. Not
 * thread-safe.
 */
final class FollowedDefinitions {
    private static final String STABLE = "stable";
    private static final String CANARY = "canary";
    private static final Set<String> CHANNELS = Set.of(STABLE, CANARY);

    private final DefinitionCatalog catalog;
    private final Map<String, FollowedChannels> channels = new HashMap<>();

    FollowedDefinitions(DefinitionCatalog catalog) {
        this.catalog = catalog;
    }

    /** False: it is no news. */
    boolean learn(FollowedChannels told) {
        FollowedChannels before = channels.get(told.getDefinition());
        boolean news = before == null || before.getRevision() < told.getRevision();
        if (news) {
            channels.put(told.getDefinition(), told);
        }
        return news;
    }

    /** Whether the reference, {@code name@stable} say, is to a channel. */
    static boolean isChannel(String reference) {
        return CHANNELS.contains(reference.substring(reference.indexOf('@') + 1)) && reference.indexOf('@') >= 0;
    }

    /** @param reference {@code name@version}, {@code name@channel}, or {@code name} for the highest version */
    Optional<Definition> find(String reference, String agent) {
        if (!isChannel(reference)) {
            return catalog.find(reference).map(DefinitionCatalog.Entry::definition);
        }
        String name = reference.substring(0, reference.indexOf('@'));
        FollowedChannels known = channels.get(name);
        if (known == null) {
            return catalog.firstPublished(name).map(DefinitionCatalog.Entry::definition);
        }
        boolean canary = known.hasCanary()
                && (reference.endsWith(CANARY) || Cohort.has(agent, name, known.getRollout(), known.getShare()));
        String version = (canary ? known.getCanary() : known.getStable()).getVersion();
        return catalog.find(name, version).map(DefinitionCatalog.Entry::definition);
    }

    /** With the version that it has now, and its skills if it follows a channel. */
    AgentInfo shown(AgentInfo agent) {
        if (agent.getDefinition().isEmpty()) {
            return agent;
        }
        Optional<Definition> found = find(agent.getDefinition(), agent.getId());
        AgentInfo.Builder shown = agent.toBuilder();
        found.ifPresent(
                definition -> shown.setDefinitionVersion(definition.version().toString()));
        if (isChannel(agent.getDefinition())) {
            found.ifPresent(definition -> shown.clearSkills().addAllSkills(AttachRequests.skillsOf(definition)));
        }
        return shown.build();
    }

    /** Followers of a definition with the skills that they have now. */
    Optional<LiveAgent> revised(LiveAgent agent, String definition) {
        boolean follows = isChannel(agent.definition()) && agent.definition().startsWith(definition + "@");
        return follows
                ? Optional.of(LiveAgent.of(shown(agent.info())))
                        .filter(next -> !next.skills().equals(agent.skills()))
                : Optional.empty();
    }
}
