package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.simulation.Seeds;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.proto.Skill;
import io.signalbox.verticles.registry.AgentReplicas.Numbered;
import io.signalbox.verticles.registry.AgentReplicas.Outcome;
import io.signalbox.verticles.registry.AgentReplicas.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A simulation: agents attach, move, are cut off and go on three nodes, of which each tells the others; news are lost, paths
 * cut, nodes die, start again and are called dead. At the end all directories say the same, and what it is.
 */
class AgentReplicasSimulationTest {
    private static final int SEEDS = 10_000;
    private static final int STEPS = 250;
    private static final int AGENTS = 8;
    private static final int PAGE = 2;
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final List<String> NAMES = List.of("a", "b", "c");

    /** One process of a node. */
    private static final class Node {
        final String name;
        final Generations generations = new Generations();
        final AgentDirectory directory;
        final AgentReplicas replicas;
        int incarnation;

        Node(String name, int incarnation) {
            this.name = name;
            this.incarnation = incarnation;
            this.directory = new AgentDirectory(name, 1_000, new FleetDirectives());
            this.replicas = new AgentReplicas(name, directory, GRACE);
        }
    }

    private Random random = new Random(0);
    private final Map<String, Node> nodes = new HashMap<>();

    /** What is under way from a node to another, in order. */
    private final Map<String, Queue<Runnable>> paths = new HashMap<>();

    /** By who asks whom: requests that have ended without an answer. */
    private final Map<String, Integer> requests = new HashMap<>();

    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private int sequence;
    private double losses;

    private void begin(long seed) {
        random = new Random(seed);
        losses = random.nextInt(3) * 0.15;
        NAMES.forEach(this::launch);
    }

    private void launch(String name) {
        nodes.put(name, new Node(name, ++sequence));
    }

    @Test
    void shouldAgreeInTheEndWhateverHappens() {
        Seeds.forEach(SEEDS, seed -> new AgentReplicasSimulationTest().run(seed));
    }

    private void run(long seed) {
        begin(seed);
        for (int step = 0; step < STEPS; step++) {
            now = now.plusMillis(random.nextInt(200));
            step();
        }
        losses = 0;
        settle();
        now = now.plus(GRACE);
        nodes.values().forEach(node -> node.replicas.tick(now));
        settle();
        check();
    }

    /** Nothing changes, everything arrives. */
    private void settle() {
        for (int round = 0; round < 8; round++) {
            nodes.values().forEach(this::digest);
            while (paths.values().stream().anyMatch(path -> !path.isEmpty())) {
                NAMES.forEach(from -> NAMES.forEach(to -> arrive(from, to)));
            }
        }
    }

    private void step() {
        Node node = nodes.get(NAMES.get(random.nextInt(NAMES.size())));
        String agent = "agent-" + random.nextInt(AGENTS);
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4, 5 -> attach(node, agent);
            case 6, 7 -> change(node, agent, Presence.PRESENCE_SUSPENDED);
            case 8, 9 -> change(node, agent, Presence.PRESENCE_CONNECTED);
            case 10, 11 -> change(node, agent, Presence.PRESENCE_GONE);
            case 12 -> die(node);
            case 13 -> fenced(node);
            case 14, 15, 16 -> digest(node);
            case 17 -> NAMES.forEach(peer -> cut(node.name, peer));
            case 18 -> node.replicas.tick(now);
            default -> arrive(node.name, NAMES.get(random.nextInt(NAMES.size())));
        }
    }

    private void attach(Node node, String agent) {
        Skill skill = Skill.newBuilder().setName("s").setVersion("1.0.0").build();
        AgentDirectory.Request request = new AgentDirectory.Request(
                agent, "", List.of(skill), 1, Map.of(), node.name, "me", "session", List.of());
        long generation = node.generations.next(now.toEpochMilli(), node.incarnation);
        if (node.directory.attach(request, generation, now)
                instanceof AgentDirectory.Outcome.Attached(LiveAgent live)) {
            told(node, live);
        }
    }

    private void change(Node node, String agent, Presence presence) {
        node.directory
                .find(agent)
                .filter(live -> live.node().equals(node.name))
                .flatMap(live -> node.directory.change(agent, live.generation(), presence, now))
                .ifPresent(live -> told(node, live));
    }

    private void told(Node node, LiveAgent live) {
        long number = node.replicas.ownChanged(live);
        int incarnation = node.incarnation;
        toOthers(node, peer -> {
            peer.generations.heard(live.generation());
            perform(peer, node.name, peer.replicas.changed(node.name, incarnation, number, live, now), "");
        });
    }

    private void digest(Node node) {
        long number = node.replicas.ownSequence();
        int incarnation = node.incarnation;
        int agents = node.replicas.ownAgents();
        toOthers(
                node,
                peer -> perform(
                        peer, node.name, peer.replicas.digest(node.name, incarnation, number, agents, now), ""));
    }

    private void toOthers(Node node, Consumer<Node> news) {
        NAMES.stream().filter(peer -> !peer.equals(node.name)).forEach(peer -> send(node.name, peer, news));
    }

    private void send(String from, String to, Consumer<Node> message) {
        if (random.nextDouble() >= losses) {
            path(from, to).add(() -> message.accept(nodes.get(to)));
        }
    }

    private Queue<Runnable> path(String from, String to) {
        return paths.computeIfAbsent(from + to, name -> new ArrayDeque<>());
    }

    private void arrive(String from, String to) {
        Optional.ofNullable(path(from, to).poll()).ifPresent(Runnable::run);
    }

    /** What is under way is lost; requests end by their time limit, and an answer after that is nobody's. */
    private void cut(String from, String to) {
        path(from, to).clear();
        fail(from, to);
        fail(to, from);
    }

    private void fail(String asking, String asked) {
        requests.merge(asking + asked, 1, Integer::sum);
        nodes.get(asking).replicas.fetchFailed(asked);
    }

    private void perform(Node asking, String asked, Outcome outcome, String cursor) {
        outcome.superseded().forEach(ended -> told(asking, ended));
        switch (outcome.fetch()) {
            case NOTHING -> {}
            case FIRST_PAGE -> fetch(asking, asked, "");
            case NEXT_PAGE -> fetch(asking, asked, cursor);
        }
    }

    /** Asked and answered, or failed at once: a request that is lost ends by its time limit. */
    private void fetch(Node asking, String asked, String cursor) {
        if (random.nextDouble() < losses) {
            fail(asking.name, asked);
            return;
        }
        int request = requests.getOrDefault(asking.name + asked, 0);
        path(asking.name, asked).add(() -> answer(asking, nodes.get(asked), cursor, request));
    }

    private void answer(Node asking, Node asked, String cursor, int request) {
        List<Numbered> agents = asked.replicas.ownAfter(cursor, PAGE);
        Page page =
                new Page(asked.incarnation, asked.replicas.ownSequence(), List.copyOf(agents), agents.size() < PAGE);
        String next = agents.isEmpty() ? "" : agents.getLast().agent().id();
        path(asked.name, asking.name).add(() -> {
            if (nodes.get(asking.name) == asking && requests.getOrDefault(asking.name + asked.name, 0) == request) {
                agents.forEach(each -> asking.generations.heard(each.agent().generation()));
                perform(asking, asked.name, asking.replicas.fetched(asked.name, page, now), next);
            }
        });
    }

    /** kill -9, noticed by the others sooner or later; it starts again with nothing. */
    private void die(Node node) {
        NAMES.forEach(peer -> {
            cut(node.name, peer);
            cut(peer, node.name);
        });
        noticed(node.name, node.incarnation);
        launch(node.name);
    }

    /** It hung for too long: it goes on under a new incarnation with all that it had. */
    private void fenced(Node node) {
        noticed(node.name, node.incarnation);
        node.incarnation = ++sequence;
    }

    private void noticed(String dead, int incarnation) {
        NAMES.stream()
                .filter(peer -> !peer.equals(dead))
                .forEach(peer ->
                        path(peer, peer).add(() -> nodes.get(peer).replicas.peerDown(dead, incarnation, now)));
    }

    /** Of each agent the latest registration that a living node has. */
    private void check() {
        Map<String, LiveAgent> truth = new HashMap<>();
        for (Node node : nodes.values()) {
            node.directory
                    .own()
                    .forEach(agent ->
                            truth.merge(agent.id(), agent, (one, other) -> one.isNewerThan(other) ? one : other));
        }
        List<String> expected = described(truth.values().stream().toList());
        for (Node node : nodes.values()) {
            assertThat(described(node.directory.after("").toList()))
                    .as("what %s knows", node.name)
                    .isEqualTo(expected);
        }
    }

    private static List<String> described(List<LiveAgent> agents) {
        return agents.stream()
                .sorted(Comparator.comparing(LiveAgent::id))
                .map(agent ->
                        agent.id() + " at " + agent.node() + " since " + agent.generation() + " " + agent.presence())
                .toList();
    }
}
