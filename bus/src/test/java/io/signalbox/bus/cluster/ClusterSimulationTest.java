package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.SimulatedCluster.Counts;
import io.signalbox.bus.cluster.SimulatedCluster.Node;
import io.signalbox.bus.cluster.SimulatedCluster.Stream;
import io.signalbox.bus.simulation.Seeds;
import io.signalbox.bus.simulation.SimulatedNetwork.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Three nodes whose subscriptions come and go and that send to each other, while messages are lost, doubled and overtaken,
 * paths are cut one way and both ways, and nodes die and come back. The nodes check as they go that nothing is routed to who
 * is down, that each stream of messages is in order and without doubles, and that no more waits than may.
 */
class ClusterSimulationTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final int SEEDS = 500;
    private static final int STEPS = 300;

    /** Probes come each second, and a lost one costs another; a peer that is silent is noticed after four. */
    private static final Duration SOON = Duration.ofSeconds(8);

    private static Faults someFaults(Random random) {
        return new Faults(
                random.nextInt(4) * 0.07,
                random.nextInt(3) * 0.1,
                Duration.ofMillis(1),
                Duration.ofMillis(2 + random.nextInt(60)),
                random.nextBoolean());
    }

    private static String any(Random random) {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private static void step(SimulatedCluster cluster, int number) {
        Random random = cluster.simulation.random();
        Node node = cluster.node(any(random));
        String peer = cluster.peersOf(node.name).get(random.nextInt(2));
        switch (random.nextInt(60)) {
            case 0 -> cluster.kill(node.name, random.nextBoolean());
            case 1, 2, 3 -> {
                cluster.kill(node.name, random.nextBoolean());
                cluster.restart(node.name);
            }
            case 4, 5 -> cluster.network.cut(node.name, peer);
            case 6 -> {
                cluster.network.cut(node.name, peer);
                cluster.network.cut(peer, node.name);
                node.disconnect(peer);
            }
            case 7, 8, 9 -> cluster.network.heal();
            case 10, 11 -> cluster.simulation.runFor(Duration.ofSeconds(random.nextInt(6)));
            default -> {
                if (node.alive) {
                    change(node, random);
                    node.offer(peer, number);
                }
            }
        }
    }

    private static void change(Node node, Random random) {
        for (int i = 0; i <= random.nextInt(3); i++) {
            node.set(
                    (random.nextInt(8) == 0 ? "$own/" : "p/") + random.nextInt(30),
                    switch (random.nextInt(4)) {
                        case 0 -> PatternInterest.NONE;
                        case 1 ->
                            PatternInterest.of(random.nextBoolean(), List.of(group("g", random), group("f", random)));
                        default -> PatternInterest.PLAIN;
                    });
        }
        if (random.nextBoolean()) {
            node.flushInterest();
        }
    }

    private static PatternInterest.Group group(String name, Random random) {
        return new PatternInterest.Group(name, 1 + random.nextInt(3));
    }

    private static SimulatedCluster troubled(long seed) {
        SimulatedCluster cluster = new SimulatedCluster(seed, NAMES);
        cluster.connectAll();
        Random random = cluster.simulation.random();
        for (int i = 1; i <= STEPS; i++) {
            if (i % 50 == 1) {
                cluster.network.faults(someFaults(random));
            }
            cluster.simulation.runFor(Duration.ofMillis(random.nextInt(200)));
            step(cluster, i);
        }
        return cluster;
    }

    @Test
    void shouldAgreeSoonAfterAllIsWellAgainAndAccountForEachMessage() {
        Seeds.forEach(SEEDS, seed -> {
            SimulatedCluster cluster = troubled(seed);

            cluster.network.heal();
            cluster.network.faults(Faults.NONE);
            NAMES.stream().filter(name -> !cluster.node(name).alive).forEach(cluster::restart);
            cluster.connectAll();
            cluster.nodes.values().forEach(Node::flushInterest);
            assertThat(cluster.simulation.runUntil(cluster::isInAgreement, SOON))
                    .as("in agreement")
                    .isTrue();
            cluster.simulation.runFor(SOON);

            assertThat(cluster.isInAgreement()).as("still in agreement").isTrue();
            liveStreams(cluster).forEach(ClusterSimulationTest::checkAccounts);
        });
    }

    private static List<Map.Entry<Stream, Counts>> liveStreams(SimulatedCluster cluster) {
        return cluster.streams.entrySet().stream()
                .filter(each -> cluster.node(each.getKey().from()).incarnation
                        == each.getKey().fromIncarnation())
                .filter(each -> cluster.node(each.getKey().to()).incarnation
                        == each.getKey().toIncarnation())
                .toList();
    }

    private static void checkAccounts(Map.Entry<Stream, Counts> stream) {
        Counts counts = stream.getValue();
        assertThat(counts.delivered + counts.dropped + counts.lost)
                .as(
                        "messages of %s: %d came, %d were dropped, %d lost",
                        stream.getKey(), counts.delivered, counts.dropped, counts.lost)
                .isEqualTo(counts.accepted);
    }

    @Test
    void shouldForgetADeadNodeAndRouteOnAmongTheOthers() {
        Seeds.forEach(SEEDS, seed -> {
            SimulatedCluster cluster = troubled(seed);

            cluster.network.heal();
            cluster.network.faults(Faults.NONE);
            NAMES.stream().filter(name -> !cluster.node(name).alive).forEach(cluster::restart);
            cluster.connectAll();
            cluster.nodes.values().forEach(Node::flushInterest);
            cluster.kill("b", cluster.simulation.random().nextBoolean());
            cluster.simulation.runFor(SOON);

            assertThat(cluster.isInAgreement()).isTrue();
        });
    }

    @Test
    void shouldFindWhatNoSequenceNumberShows() {
        SimulatedCluster cluster = new SimulatedCluster(1, NAMES);
        cluster.connectAll();
        cluster.node("a").set("p/1", PatternInterest.PLAIN);
        cluster.node("a").flushInterest();
        cluster.simulation.runFor(SOON);
        assertThat(cluster.isInAgreement()).isTrue();

        // As if a change had been lost within the node, behind the sequence numbers.
        cluster.node("b")
                .core
                .interest()
                .received("a", new InterestFrame.Delta(2, List.of()), cluster.simulation.now());
        cluster.node("a").set("p/2", PatternInterest.PLAIN);
        cluster.node("a").flushInterest();
        List<Boolean> agreed = new ArrayList<>();
        cluster.simulation.runFor(Duration.ofMillis(100));
        agreed.add(cluster.isInAgreement());
        cluster.simulation.runFor(InterestExchange.PROBE_INTERVAL.multipliedBy(2));
        agreed.add(cluster.isInAgreement());

        assertThat(agreed).containsExactly(false, true);
        assertThat(cluster.diverged).isEqualTo(1);
    }
}
