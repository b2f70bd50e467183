package io.signalbox.verticles.registry;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Who is attached. At most one registration of an agent id is live; what is said about an older one changes nothing, so
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
            String session) {}

    sealed interface Outcome {
        /** A registration of the same id that was there before has ended by this one. */
        record Attached(LiveAgent agent) implements Outcome {}

        record Refused(Code code, String message) implements Outcome {}
    }

    private final TreeMap<String, LiveAgent> agents = new TreeMap<>();

    /** By {@code name@version}; no entry: no agent. */
    private final TreeMap<String, Integer> agentsBySkill = new TreeMap<>();

    private final int capacity;
    private final long generationBase;
    private long attaches;
    private int connected;

    /**
     * @param incarnation of the node, in the upper half of each generation
     * @param capacity agents that may be live at once
     */
    AgentDirectory(int incarnation, int capacity) {
        this.generationBase = (long) incarnation << 32;
        this.capacity = capacity;
    }

    Outcome attach(Request request, Instant now) {
        Optional<LiveAgent> before = find(request.id());
        if (before.isPresent() && !maySupersede(request, before.get())) {
            return new Outcome.Refused(Code.CONFLICT, "agent " + request.id() + " is connected under another identity");
        }
        if (before.isEmpty() && agents.size() >= capacity) {
            return new Outcome.Refused(Code.OVERLOADED, "the node has its " + capacity + " agents");
        }
        before.ifPresent(this::remove);
        LiveAgent agent = new LiveAgent(
                request.id(),
                generationBase + ++attaches,
                request.definition(),
                request.skills(),
                request.slots(),
                request.tags(),
                request.node(),
                request.subject(),
                request.session(),
                Presence.PRESENCE_CONNECTED,
                now,
                now);
        put(agent);
        agent.skills().forEach(skill -> agentsBySkill.merge(reference(skill), 1, Integer::sum));
        return new Outcome.Attached(agent);
    }

    private static boolean maySupersede(Request request, LiveAgent before) {
        return before.presence() == Presence.PRESENCE_SUSPENDED
                || before.subject().equals(request.subject());
    }

    private void put(LiveAgent agent) {
        LiveAgent before = agents.put(agent.id(), agent);
        connected += (isConnected(agent) ? 1 : 0) - (before != null && isConnected(before) ? 1 : 0);
    }

    private void remove(LiveAgent agent) {
        agents.remove(agent.id());
        connected -= isConnected(agent) ? 1 : 0;
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

    private static boolean isConnected(LiveAgent agent) {
        return agent.presence() == Presence.PRESENCE_CONNECTED;
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

    Collection<LiveAgent> all() {
        return agents.values();
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

    int connected() {
        return connected;
    }

    int suspended() {
        return agents.size() - connected;
    }
}
