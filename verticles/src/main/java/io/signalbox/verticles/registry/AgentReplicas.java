package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Keeps the directory in step with those of the other nodes. Each node numbers its changes and tells them; who misses one, or
 * hears that a node is further than it knows, fetches all of that node's agents by pages. Of each agent the change with the
 * greater number counts, so pages and news may overtake each other. Agents that a dead node had, or that it does not name any
 * more after it started again, are suspended, and gone after the grace, unless they have attached anew. Single writer, not
 * thread-safe; knows no clock and sends nothing itself.
 */
final class AgentReplicas {
    /** So often in a row a quiet node must say that it has other agents than are known of it. */
    private static final int MISMATCHES = 3;

    /** News that came while a fetch is needed; beyond it the next fetch brings them. */
    private static final int MAX_EARLY = 10_000;

    /** What is to be asked of the node. */
    enum Fetch {
        NOTHING,
        FIRST_PAGE,
        NEXT_PAGE
    }

    /**
     * @param changes to be told on this node, in order
     * @param superseded registrations of this node that have ended so; to be told to the other nodes
     */
    record Outcome(List<LiveAgent> changes, List<LiveAgent> superseded, Fetch fetch) {
        static final Outcome NOTHING = new Outcome(List.of(), List.of(), Fetch.NOTHING);
    }

    /** What an outcome is made of. */
    private record Changes(List<LiveAgent> all, List<LiveAgent> superseded) {
        Changes() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        Outcome then(Fetch fetch) {
            return new Outcome(all, superseded, fetch);
        }
    }

    /** One of the agents that a node has. */
    record Numbered(LiveAgent agent, long sequence) {}

    /** @param sequence the node's changes so far, when it made the page */
    record Page(int incarnation, long sequence, List<Numbered> agents, boolean last) {}

    /** What is known of one node. */
    private static final class Origin {
        int incarnation;

        /** Everything up to here is known. */
        long sequence;

        boolean behind = true;
        boolean fetching;
        int mismatches;
        final TreeSet<Long> early = new TreeSet<>();

        /** By agent, also of those that went while a fetch is under way. */
        final NavigableMap<String, Long> changedAt = new TreeMap<>();

        /** Agents of an incarnation that has ended, and when they will be given up. */
        final Map<String, Instant> lingering = new HashMap<>();

        long fetchedFrom;
        boolean firstPage;
        final Set<String> named = new HashSet<>();

        void begin(int newIncarnation) {
            incarnation = newIncarnation;
            sequence = 0;
            behind = true;
            fetching = false;
            early.clear();
            changedAt.clear();
        }
    }

    private final String node;
    private final AgentDirectory directory;
    private final Duration grace;
    private final Origin own = new Origin();
    private final Map<String, Origin> origins = new HashMap<>();

    /** @param grace how long agents of a dead node may take to attach to another */
    AgentReplicas(String node, AgentDirectory directory, Duration grace) {
        this.node = node;
        this.directory = directory;
        this.grace = grace;
    }

    /** An agent of this node has changed; the number to tell with it. */
    long ownChanged(LiveAgent agent) {
        own.sequence++;
        if (agent.presence() == Presence.PRESENCE_GONE) {
            own.changedAt.remove(agent.id());
        } else {
            own.changedAt.put(agent.id(), own.sequence);
        }
        return own.sequence;
    }

    /** Changes of this node so far. */
    long ownSequence() {
        return own.sequence;
    }

    int ownAgents() {
        return directory.agentsAt(node);
    }

    /** This node's agents, from after the cursor on. */
    List<Numbered> ownAfter(String cursor, int limit) {
        List<Numbered> page = new ArrayList<>();
        for (Map.Entry<String, Long> entry :
                own.changedAt.tailMap(cursor, false).entrySet()) {
            Optional<LiveAgent> agent =
                    directory.find(entry.getKey()).filter(found -> found.node().equals(node));
            agent.ifPresent(found -> page.add(new Numbered(found, entry.getValue())));
            if (page.size() == limit) {
                break;
            }
        }
        return page;
    }

    /** A node has told a change. */
    Outcome changed(String peer, int incarnation, long sequence, LiveAgent agent, Instant now) {
        if (peer.equals(node)) {
            return Outcome.NOTHING;
        }
        Changes changes = new Changes();
        Origin origin = origin(peer, incarnation, now, changes);
        if (origin.incarnation != incarnation || sequence <= origin.sequence) {
            return Outcome.NOTHING;
        }
        origin.mismatches = 0;
        if (!origin.behind && sequence == origin.sequence + 1) {
            origin.sequence = sequence;
        } else {
            origin.behind = true;
            noteEarly(origin, sequence);
        }
        apply(origin, agent, sequence, now, changes);
        return changes.then(wantsFetch(origin));
    }

    /**
     * A node says how far it is.
     *
     * @param agents that it has
     */
    Outcome digest(String peer, int incarnation, long sequence, int agents, Instant now) {
        if (peer.equals(node)) {
            return Outcome.NOTHING;
        }
        Changes changes = new Changes();
        Origin origin = origin(peer, incarnation, now, changes);
        if (origin.incarnation == incarnation && sequence > origin.sequence) {
            origin.behind = true;
        } else if (origin.incarnation == incarnation) {
            compare(peer, origin, agents);
        }
        return changes.then(wantsFetch(origin));
    }

    /**
     * One that was superseded by an agent which its node never heard of, and that has gone since, is there and not known here.
     * What moves just now may be counted differently for a moment.
     */
    private void compare(String peer, Origin origin, int agents) {
        long lingering =
                origin.lingering.keySet().stream().filter(id -> isAt(peer, id)).count();
        origin.mismatches = directory.agentsAt(peer) - lingering == agents ? 0 : origin.mismatches + 1;
        if (origin.mismatches == MISMATCHES) {
            origin.mismatches = 0;
            origin.behind = true;
        }
    }

    private boolean isAt(String peer, String id) {
        return directory.find(id).filter(agent -> agent.node().equals(peer)).isPresent();
    }

    private Origin origin(String peer, int incarnation, Instant now, Changes changes) {
        Origin origin = origins.computeIfAbsent(peer, name -> new Origin());
        if (incarnation > origin.incarnation) {
            endIncarnation(peer, origin, now, changes);
            origin.begin(incarnation);
        }
        return origin;
    }

    private void endIncarnation(String peer, Origin origin, Instant now, Changes changes) {
        for (String id : origin.changedAt.keySet()) {
            linger(peer, origin, id, now, changes);
        }
    }

    private void linger(String peer, Origin origin, String id, Instant now, Changes changes) {
        Optional<LiveAgent> left =
                directory.find(id).filter(agent -> agent.node().equals(peer));
        if (left.isPresent()) {
            origin.lingering.putIfAbsent(id, now.plus(grace));
            directory
                    .change(id, left.get().generation(), Presence.PRESENCE_SUSPENDED, now)
                    .ifPresent(changes.all()::add);
        }
    }

    private static void noteEarly(Origin origin, long sequence) {
        if (origin.early.size() < MAX_EARLY) {
            origin.early.add(sequence);
        }
    }

    private static Fetch wantsFetch(Origin origin) {
        if (!origin.behind || origin.fetching) {
            return Fetch.NOTHING;
        }
        origin.fetching = true;
        origin.firstPage = true;
        origin.named.clear();
        return Fetch.FIRST_PAGE;
    }

    private void apply(Origin origin, LiveAgent agent, long sequence, Instant now, Changes changes) {
        long known = origin.changedAt.getOrDefault(agent.id(), 0L);
        if (known > sequence || known == sequence && directory.find(agent.id()).isPresent()) {
            return;
        }
        if (agent.presence() == Presence.PRESENCE_GONE && !origin.behind) {
            origin.changedAt.remove(agent.id());
        } else {
            origin.changedAt.put(agent.id(), sequence);
        }
        origin.lingering.remove(agent.id());
        Optional<LiveAgent> mine =
                directory.find(agent.id()).filter(before -> before.node().equals(node));
        Optional<LiveAgent> change = directory.replicate(agent);
        change.ifPresent(changes.all()::add);
        if (change.isPresent()) {
            mine.ifPresent(ended -> changes.superseded().add(ended.with(Presence.PRESENCE_GONE, now)));
        }
    }

    /** A page of the node's agents has come. */
    Outcome fetched(String peer, Page page, Instant now) {
        Changes changes = new Changes();
        Origin origin = origin(peer, page.incarnation(), now, changes);
        if (origin.incarnation != page.incarnation() || !origin.fetching) {
            return changes.then(wantsFetch(origin));
        }
        if (origin.firstPage) {
            origin.firstPage = false;
            origin.fetchedFrom = page.sequence();
        }
        for (Numbered each : page.agents()) {
            origin.named.add(each.agent().id());
            apply(origin, each.agent(), each.sequence(), now, changes);
        }
        if (page.last()) {
            complete(peer, origin, now, changes);
            return changes.then(wantsFetch(origin));
        }
        return changes.then(Fetch.NEXT_PAGE);
    }

    private void complete(String peer, Origin origin, Instant now, Changes changes) {
        List<String> unnamed = origin.changedAt.entrySet().stream()
                .filter(known -> known.getValue() <= origin.fetchedFrom && !origin.named.contains(known.getKey()))
                .map(Map.Entry::getKey)
                .toList();
        for (String id : unnamed) {
            origin.changedAt.remove(id);
            linger(peer, origin, id, now, changes);
        }
        origin.sequence = Math.max(origin.sequence, origin.fetchedFrom);
        while (origin.early.remove(origin.sequence + 1)) {
            origin.sequence++;
        }
        origin.early.headSet(origin.sequence, true).clear();
        origin.behind = !origin.early.isEmpty();
        origin.fetching = false;
        origin.named.clear();
        if (!origin.behind) {
            forgetGone(peer, origin);
        }
    }

    private void forgetGone(String peer, Origin origin) {
        origin.changedAt.keySet().removeIf(id -> !isAt(peer, id));
    }

    /** A page could not be had: the next news of the node begins anew. */
    void fetchFailed(String peer) {
        Optional.ofNullable(origins.get(peer)).ifPresent(origin -> origin.fetching = false);
    }

    /** The node's incarnation has ended. */
    List<LiveAgent> peerDown(String peer, int incarnation, Instant now) {
        Changes changes = new Changes();
        Origin origin = origins.get(peer);
        if (origin != null && origin.incarnation <= incarnation) {
            endIncarnation(peer, origin, now, changes);
            origin.begin(incarnation + 1);
        }
        return changes.all();
    }

    /** Gives up those whose grace is over. Call it several times a second. */
    List<LiveAgent> tick(Instant now) {
        List<LiveAgent> changes = new ArrayList<>();
        origins.forEach((peer, origin) -> {
            List<String> due = origin.lingering.entrySet().stream()
                    .filter(left -> !left.getValue().isAfter(now))
                    .map(Map.Entry::getKey)
                    .toList();
            for (String id : due) {
                origin.lingering.remove(id);
                directory
                        .find(id)
                        .filter(agent -> agent.node().equals(peer))
                        .flatMap(agent -> directory.change(id, agent.generation(), Presence.PRESENCE_GONE, now))
                        .ifPresent(changes::add);
            }
        });
        return changes;
    }
}
