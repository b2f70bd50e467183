package io.signalbox.verticles.registry;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.AgentStanding;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Who is attached, to this node and to others. At most one registration of an agent id is live; what is said about an older one changes nothing, so
 * a late heartbeat never revives the dead. Single writer, not thread-safe; knows no clock.
 */
final class AgentDirectory {
    /** A wish to attach, its definition already looked up. */
    record Request(
            String id,
            String definition,
            List<Skill> skills,
            int slots,
            Map<String, String> tags,
            String node,
            String subject,
            String session,
            List<HeldAssignment> held) {
        private LiveAgent attached(long generation, Instant now) {
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
                    Presence.PRESENCE_CONNECTED,
                    now,
                    now,
                    held,
                    AgentStanding.getDefaultInstance());
        }
    }

    sealed interface Outcome {
        /** A registration of the same id that was there before has ended by this one. */
        record Attached(LiveAgent agent) implements Outcome {}

        record Refused(Code code, String message) implements Outcome {}
    }

    private final TreeMap<String, LiveAgent> agents = new TreeMap<>();

    /** By {@code name@version}; no entry: no agent. */
    private final TreeMap<String, Integer> agentsBySkill = new TreeMap<>();

    private final AgentIndex index = new AgentIndex();
    private final String node;
    private final int capacity;
    private final FleetDirectives fleet;
    private final Map<String, Integer> agentsByNode = new HashMap<>();
    private int connected;

    /**
     * @param node this one
     * @param capacity agents that may be live at this node at once
     * @param fleet judges every agent that is added
     */
    AgentDirectory(String node, int capacity, FleetDirectives fleet) {
        this.node = node;
        this.capacity = capacity;
        this.fleet = fleet;
    }

    /** @param generation greater than any of this agent before */
    Outcome attach(Request request, long generation, Instant now) {
        Optional<LiveAgent> before = find(request.id());
        if (before.isPresent() && !maySupersede(request, before.get())) {
            return new Outcome.Refused(Code.CONFLICT, "agent " + request.id() + " is connected under another identity");
        }
        if (before.filter(this::isOwn).isEmpty() && agentsAt(node) >= capacity) {
            return new Outcome.Refused(Code.OVERLOADED, "the node has its " + capacity + " agents");
        }
        LiveAgent agent = fleet.judged(request.attached(generation, now));
        Optional<Outcome.Refused> refused = refusal(agent);
        if (refused.isPresent()) {
            return refused.get();
        }
        put(agent);
        return new Outcome.Attached(agent);
    }

    private Optional<Outcome.Refused> refusal(LiveAgent agent) {
        String directive = agent.standing().getDirective();
        String reason = fleet.find(directive).map(Directive::reason).orElse("");
        if (agent.isKilled()) {
            return Optional.of(
                    new Outcome.Refused(Code.KILLED, "directive " + directive + " keeps the agent out: " + reason));
        }
        boolean leaves = agent.standing().getStanding() == Standing.STANDING_DRAINING
                && agent.held().isEmpty();
        return leaves
                ? Optional.of(new Outcome.Refused(
                        Code.CONFLICT,
                        "directive " + directive + " drains such agents, this one has nothing to finish: " + reason))
                : Optional.empty();
    }

    /**
     * Takes note of what another node says of an agent of its own.
     *
     * @return what is to be told here: the agent as it is now; empty when that is no news
     */
    Optional<LiveAgent> replicate(LiveAgent said) {
        Optional<LiveAgent> known = find(said.id());
        boolean isGone = said.presence() == Presence.PRESENCE_GONE;
        boolean isLater = known.isEmpty() || said.isNewerThan(known.get());
        boolean isChange = isLater
                ? known.isPresent() || !isGone
                : said.isSameAs(known.get()) && said.presence() != known.get().presence();
        if (!isChange) {
            return Optional.empty();
        }
        LiveAgent judged = fleet.judged(said);
        if (isGone) {
            remove(known.get());
        } else {
            put(judged);
        }
        return Optional.of(judged);
    }

    /** Puts others in the place of agents, under their ids and registrations. */
    void revise(Function<LiveAgent, Optional<LiveAgent>> revision) {
        List.copyOf(agents.values())
                .forEach(agent -> revision.apply(agent).map(fleet::judged).ifPresent(this::put));
    }

    /** Judges the agent again; empty when its standing is what it was. */
    Optional<LiveAgent> judge(LiveAgent agent) {
        LiveAgent judged = fleet.judged(agent);
        if (judged == agent) {
            return Optional.empty();
        }
        put(judged);
        return Optional.of(judged);
    }

    boolean isOwn(LiveAgent agent) {
        return agent.node().equals(node);
    }

    private static boolean maySupersede(Request request, LiveAgent before) {
        return before.presence() == Presence.PRESENCE_SUSPENDED
                || before.subject().equals(request.subject());
    }

    private void put(LiveAgent agent) {
        LiveAgent before = agents.put(agent.id(), agent);
        connected += agent.isConnected() ? 1 : 0;
        if (before != null) {
            connected -= before.isConnected() ? 1 : 0;
            if (before.isDescribedAs(agent)) {
                return;
            }
            unlist(before);
        }
        index.add(agent);
        agentsByNode.merge(agent.node(), 1, Integer::sum);
        agent.skills().forEach(skill -> agentsBySkill.merge(reference(skill), 1, Integer::sum));
    }

    private void remove(LiveAgent agent) {
        agents.remove(agent.id());
        connected -= agent.isConnected() ? 1 : 0;
        unlist(agent);
    }

    private void unlist(LiveAgent agent) {
        index.remove(agent);
        agentsByNode.computeIfPresent(agent.node(), (at, n) -> n == 1 ? null : n - 1);
        agent.skills()
                .forEach(skill -> agentsBySkill.computeIfPresent(reference(skill), (s, n) -> n == 1 ? null : n - 1));
    }

    private static String reference(Skill skill) {
        return skill.getName() + "@" + skill.getVersion();
    }

    private static Skill skill(String reference) {
        int at = reference.indexOf('@');
        return Skill.newBuilder()
                .setName(reference.substring(0, at))
                .setVersion(reference.substring(at + 1))
                .build();
    }

    /** The changed agent; empty when the generation is not the live one, or nothing changed. */
    Optional<LiveAgent> change(String id, long generation, Presence presence, Instant now) {
        Optional<LiveAgent> current =
                find(id).filter(agent -> agent.generation() == generation && agent.presence() != presence);
        Optional<LiveAgent> changed = current.map(agent -> agent.with(presence, now));
        if (presence == Presence.PRESENCE_GONE) {
            current.ifPresent(this::remove);
        } else {
            changed.ifPresent(this::put);
        }
        return changed;
    }

    /** Notes a sign of life; false when the generation is not the live one. An earlier one than is known counts for nothing. */
    boolean heard(String id, long generation, Instant at) {
        Optional<LiveAgent> current = find(id).filter(agent -> agent.generation() == generation);
        current.filter(agent -> agent.lastSeen().isBefore(at)).ifPresent(agent -> agents.put(id, agent.heardAt(at)));
        return current.isPresent();
    }

    Optional<LiveAgent> find(String id) {
        return Optional.ofNullable(agents.get(id));
    }

    /** By id, from after {@code cursor} on. */
    Stream<LiveAgent> after(String cursor) {
        return agents.tailMap(cursor, false).values().stream();
    }

    /** Among them all that the selector can mean, by id, from after {@code cursor} on; few where it names what is rare. */
    Stream<LiveAgent> candidates(AgentSelector selector, String cursor) {
        return index.narrowest(selector)
                .map(ids -> ids.tailSet(cursor, false).stream().map(agents::get).filter(Objects::nonNull))
                .orElseGet(() -> after(cursor));
    }

    /** Those attached to this node. */
    Stream<LiveAgent> own() {
        return agents.values().stream().filter(this::isOwn);
    }

    /** The skills that live agents have, by {@code name@version}, from after {@code cursor} on. */
    Stream<Skill> skillsAfter(String cursor) {
        return agentsBySkill.tailMap(cursor, false).keySet().stream().map(AgentDirectory::skill);
    }

    /** The versions of one skill that live agents have. */
    Stream<Skill> versions(String name) {
        return agentsBySkill.tailMap(name + "@").keySet().stream()
                .takeWhile(reference -> reference.startsWith(name + "@"))
                .map(AgentDirectory::skill);
    }

    int agentsWith(Skill skill) {
        return agentsBySkill.getOrDefault(reference(skill), 0);
    }

    int agentsAt(String anyNode) {
        return agentsByNode.getOrDefault(anyNode, 0);
    }

    int connected() {
        return connected;
    }

    int suspended() {
        return agents.size() - connected;
    }
}
