package io.signalbox.verticles.registry;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.HeldAssignment;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
            List<HeldAssignment> held) {}

    sealed interface Outcome {
        /** A registration of the same id that was there before has ended by this one. */
        record Attached(LiveAgent agent) implements Outcome {}

        record Refused(Code code, String message) implements Outcome {}
    }

    private final TreeMap<String, LiveAgent> agents = new TreeMap<>();

    /** By {@code name@version}; no entry: no agent. */
    private final TreeMap<String, Integer> agentsBySkill = new TreeMap<>();

    private final String node;
    private final int capacity;
    private final Map<String, Integer> agentsByNode = new HashMap<>();
    private int connected;

    /**
     * @param node this one
     * @param capacity agents that may be live at this node at once
     */
    AgentDirectory(String node, int capacity) {
        this.node = node;
        this.capacity = capacity;
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
        LiveAgent agent = new LiveAgent(
                request.id(),
                generation,
                request.definition(),
                request.skills(),
                request.slots(),
                request.tags(),
                request.node(),
                request.subject(),
                request.session(),
                Presence.PRESENCE_CONNECTED,
                now,
                now,
                request.held());
        add(agent);
        return new Outcome.Attached(agent);
    }

    /**
     * Takes note of what another node says of an agent of its own.
     *
     * @return what is to be told here: the agent as it is now; empty when that is no news
     */
    Optional<LiveAgent> replicate(LiveAgent said) {
        Optional<LiveAgent> known = find(said.id());
        boolean isGone = said.presence() == Presence.PRESENCE_GONE;
        if (known.isEmpty() || said.isNewerThan(known.get())) {
            known.ifPresent(this::remove);
            if (!isGone) {
                add(said);
            }
            return isGone && known.isEmpty() ? Optional.empty() : Optional.of(said);
        }
        if (!said.isSameAs(known.get()) || said.presence() == known.get().presence()) {
            return Optional.empty();
        }
        remove(known.get());
        if (!isGone) {
            add(said);
        }
        return Optional.of(said);
    }

    /** Puts others in the place of agents, under their ids and registrations. */
    void revise(Function<LiveAgent, Optional<LiveAgent>> revision) {
        List.copyOf(agents.values()).forEach(agent -> revision.apply(agent).ifPresent(this::add));
    }

    private boolean isOwn(LiveAgent agent) {
        return agent.node().equals(node);
    }

    private static boolean maySupersede(Request request, LiveAgent before) {
        return before.presence() == Presence.PRESENCE_SUSPENDED
                || before.subject().equals(request.subject());
    }

    private void add(LiveAgent agent) {
        find(agent.id()).ifPresent(this::remove);
        agents.put(agent.id(), agent);
        agentsByNode.merge(agent.node(), 1, Integer::sum);
        connected += agent.isConnected() ? 1 : 0;
        agent.skills().forEach(skill -> agentsBySkill.merge(reference(skill), 1, Integer::sum));
    }

    private void remove(LiveAgent agent) {
        agents.remove(agent.id());
        agentsByNode.computeIfPresent(agent.node(), (at, n) -> n == 1 ? null : n - 1);
        connected -= agent.isConnected() ? 1 : 0;
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
            changed.ifPresent(this::add);
        }
        return changed;
    }

    /** Notes a sign of life; false when the generation is not the live one. */
    boolean heard(String id, long generation, Instant now) {
        Optional<LiveAgent> current = find(id).filter(agent -> agent.generation() == generation);
        current.ifPresent(agent -> agents.put(id, agent.heardAt(now)));
        return current.isPresent();
    }

    Optional<LiveAgent> find(String id) {
        return Optional.ofNullable(agents.get(id));
    }

    /** By id, from after {@code cursor} on. */
    Stream<LiveAgent> after(String cursor) {
        return agents.tailMap(cursor, false).values().stream();
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
