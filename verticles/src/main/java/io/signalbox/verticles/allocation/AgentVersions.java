package io.signalbox.verticles.allocation;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.bus.service.BusServices;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.AgentInfo;
import io.signalbox.codecs.internal.FollowedChannels;
import io.signalbox.codecs.internal.FollowedList;
import io.signalbox.codecs.internal.FollowedVersion;
import io.signalbox.codecs.internal.ListFollowed;
import io.signalbox.verticles.allocation.RosterAgent.AgentSkill;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives agents that follow a definition the versions that its channels point at, tells them, and tells those who judge rollouts
 * how assignments ended. Confined to its event loop.
 */
final class AgentVersions {
    /** Where changes of channels are told. */
    static final String CHANNELS = "$sys/channels";

    private static final Logger log = LoggerFactory.getLogger(AgentVersions.class);
    private static final String ROLLOUTS = "$sys/rollouts";
    private static final int TICKS_PER_REPORT = 10;

    /** Agents that are told of their version at a tick: 10,000 in a second, beside everything else. */
    private static final int TOLD_AT_ONCE = 500;

    private final TaskBroker broker;
    private final AgentPost post;
    private final BusServices services;
    private final Duration timeout;
    private final int epoch;
    private final Followers followers = new Followers();
    private final VersionTally tally = new VersionTally(followers);

    /** Agents that have another version and were not told yet; each once. */
    private final Set<String> untold = new LinkedHashSet<>();

    private long ticks;

    /** @param epoch of the tasks' shard */
    AgentVersions(TaskBroker broker, AgentPost post, BusServices services, Duration timeout, int epoch) {
        this.broker = broker;
        this.post = post;
        this.services = services;
        this.timeout = timeout;
        this.epoch = epoch;
    }

    VersionTally tally() {
        return tally;
    }

    /** Before any agent is there. Whoever does not answer yet tells all once it is there. */
    Future<Void> load() {
        return services.call(ROLLOUTS, ListFollowed.getDefaultInstance(), FollowedList.parser(), timeout)
                .map(list -> {
                    list.getChannelsList().forEach(followers::learn);
                    return (Void) null;
                })
                .recover(cause -> cause instanceof ServiceException refused && refused.code() == Code.UNAVAILABLE
                        ? Future.succeededFuture()
                        : Future.failedFuture(cause));
    }

    /** The agent as the broker is to have it: of the version that it is given now. */
    RosterAgent rosterAgent(AgentInfo info) {
        RosterAgent agent = new RosterAgent(
                info.getId(), info.getGeneration(), Followers.skills(info.getSkillsList()), info.getSlots());
        agent.definition = AgentDefinition.of(info);
        given(agent).ifPresent(skills -> agent.skills = skills);
        return agent;
    }

    /** Channels were moved. */
    List<Effect> changed(EncodedMessage message, Instant now) {
        try {
            FollowedChannels told = FollowedChannels.parseFrom(message.payload());
            return followers.learn(told) ? broker.revise(this::given, now) : List.of();
        } catch (InvalidProtocolBufferException e) {
            log.error("Channels of a definition do not parse", e);
            return List.of();
        }
    }

    /** Notes another version, which the agent is to be told; the skills that come with it. */
    private Optional<List<AgentSkill>> given(RosterAgent agent) {
        Optional<FollowedVersion> next = followers.next(agent);
        next.ifPresent(version -> {
            agent.definition = agent.definition.in(version.getVersion());
            untold.add(agent.id);
        });
        return next.map(version -> Followers.skills(version.getSkillsList()));
    }

    /** Several times a second. */
    void tick() {
        Iterator<String> agents = untold.iterator();
        for (int told = 0; told < TOLD_AT_ONCE && agents.hasNext(); told++) {
            String agent = agents.next();
            String definition = broker.view().definitionOf(agent).reference();
            // Who is gone is told when it attaches again.
            if (definition.isEmpty() || post.tellDefinition(agent, definition)) {
                agents.remove();
            }
        }
        if (++ticks % TICKS_PER_REPORT == 0) {
            tally.drain(epoch).ifPresent(report -> services.tell(ROLLOUTS, report));
        }
    }
}
