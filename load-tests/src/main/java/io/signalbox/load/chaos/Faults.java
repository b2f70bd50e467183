package io.signalbox.load.chaos;

import static io.signalbox.load.chaos.ChaosNode.Other.PEERS;
import static io.signalbox.load.chaos.ChaosNode.Other.POSTGRES;
import static io.signalbox.load.chaos.ChaosNode.Other.REDIS;

import io.signalbox.load.chaos.ChaosNode.Other;
import io.signalbox.node.embedded.StoreKind;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Does faults to a cluster and undoes them. Whether it is whole afterwards, others ask. */
final class Faults {
    private static final Duration NOTICE_PATIENCE = Duration.ofSeconds(10);
    private static final Duration DEAD_TIME = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration DISTURBED = Duration.ofSeconds(5);
    private static final Set<Other> ALL = EnumSet.allOf(Other.class);

    private final ChaosCluster cluster;
    private final Journal journal;
    private final Noticing killed = new Noticing();
    private final Noticing hung = new Noticing();
    private volatile Optional<String> complaint = Optional.empty();

    Faults(ChaosCluster cluster, Journal journal) {
        this.cluster = cluster;
        this.journal = journal;
    }

    /** How long it took until killed nodes were noticed. */
    Noticing killed() {
        return killed;
    }

    /** And hung ones. */
    Noticing hung() {
        return hung;
    }

    /** What went wrong in the last fault, though it was healed; asked once. */
    Optional<String> complaint() {
        Optional<String> last = complaint;
        complaint = Optional.empty();
        return last;
    }

    /**
     * Returns when what heals it is done.
     *
     * @param node to which it is done, if it is done to one
     * @param alone nothing else is wrong, so others can be held to what they notice
     */
    void perform(Fault fault, ChaosNode node, boolean alone, RandomGenerator random)
            throws IOException, InterruptedException {
        ChaosStores stores = cluster.stores();
        switch (fault) {
            case KILL_NODE -> killOne(node, alone);
            case KILL_TWO -> killTwo(random);
            case KILL_NODES -> killNodes();
            case KILL_REDIS -> stores.kill(StoreKind.REDIS);
            case KILL_POSTGRES -> stores.kill(StoreKind.POSTGRES);
            case KILL_ALL -> {
                stores.kill(StoreKind.REDIS);
                stores.kill(StoreKind.POSTGRES);
                killNodes();
            }
            case STOP_NODE -> hang(node, alone, millis(random, 4000, 8000));
            case STOP_REDIS -> stores.hang(StoreKind.REDIS, millis(random, 1000, 6000));
            case STOP_POSTGRES -> stores.hang(StoreKind.POSTGRES, millis(random, 1000, 8000));
            case TERM_NODES -> {
                for (ChaosNode each : cluster.nodes()) {
                    each.terminate();
                    each.start();
                }
            }
            case FLUSH_REDIS -> {
                stores.flushRedis();
                journal.note(new Observation.Flushed());
            }
            case LOSE_PRIMARY -> losePrimary(millis(random, 0, 3000));
            case FILL_REDIS -> new FullDisk(stores).last(StoreKind.REDIS, millis(random, 3000, 6000));
            case FILL_POSTGRES -> new FullDisk(stores).last(StoreKind.POSTGRES, millis(random, 3000, 6000));
            case SHIFT_CLOCK -> {
                restart(node, List.of("-Dsignalbox.clock-offset=" + (random.nextBoolean() ? "PT1H" : "-PT1H")));
                Thread.sleep(DISTURBED);
                restart(node, List.of());
            }
            case CUT_PEERS,
                    CUT_REDIS,
                    CUT_POSTGRES,
                    LOSE_PEERS,
                    LOSE_REDIS,
                    LOSE_POSTGRES,
                    LOSE_ALL,
                    MUTE_NODE,
                    DEAFEN_NODE,
                    FLAP_PEERS,
                    SLOW_LINKS,
                    NARROW_PEERS -> disturb(fault, node, millis(random, 1000, 8000));
        }
    }

    private void losePrimary(Duration behind) throws IOException, InterruptedException {
        ReplicatedRedis redis = cluster.stores()
                .replicatedRedis()
                .orElseThrow(() -> new IllegalStateException("the cluster's Redis has no replica"));
        redis.losePrimary(behind, journal);
        // What the former primary took until it was told that it was replaced is gone, too.
        redis.awaitWhole();
        journal.note(new Observation.PrimaryLost());
    }

    private static Duration millis(RandomGenerator random, int least, int most) {
        return Duration.ofMillis(random.nextInt(least, most));
    }

    private void disturb(Fault fault, ChaosNode node, Duration time) throws InterruptedException {
        LinkState refuse = new LinkState.Refuse();
        LinkState blackhole = new LinkState.Blackhole();
        Duration lasting = time;
        switch (fault) {
            case CUT_PEERS -> node.disturb(Set.of(PEERS), refuse);
            case CUT_REDIS -> node.disturb(Set.of(REDIS), refuse);
            case CUT_POSTGRES -> node.disturb(Set.of(POSTGRES), refuse);
            case LOSE_PEERS -> node.disturb(Set.of(PEERS), blackhole);
            case LOSE_REDIS -> node.disturb(Set.of(REDIS), blackhole);
            case LOSE_POSTGRES -> node.disturb(Set.of(POSTGRES), blackhole);
            case LOSE_ALL -> node.disturb(ALL, blackhole);
            case MUTE_NODE -> node.silence(Set.of(PEERS), true);
            case DEAFEN_NODE -> node.silence(Set.of(PEERS), false);
            default -> {
                lasting = DISTURBED;
                node.disturb(fault == Fault.SLOW_LINKS ? ALL : Set.of(PEERS), bad(fault));
            }
        }
        try {
            Thread.sleep(lasting);
        } finally {
            node.heal(ALL);
        }
    }

    private static LinkState bad(Fault fault) {
        return switch (fault) {
            case FLAP_PEERS -> new LinkState.Flapping(Duration.ofMillis(250), Duration.ofMillis(250));
            case SLOW_LINKS -> new LinkState.Delay(Duration.ofMillis(50), Duration.ofMillis(150));
            case NARROW_PEERS -> new LinkState.Throttle(64 * 1024);
            default -> throw new IllegalArgumentException(fault + " is none of links");
        };
    }

    private void killOne(ChaosNode node, boolean alone) throws IOException, InterruptedException {
        boolean judged = alone && cluster.nodes().size() > 1;
        int incarnation = judged ? Noticing.incarnation(cluster, node) : 0;
        node.kill();
        if (judged && !killed.await(cluster, node, incarnation, System.nanoTime(), NOTICE_PATIENCE)) {
            complaint = Optional.of(node.name() + " was killed, and not all others knew it after " + NOTICE_PATIENCE);
        }
        node.start();
    }

    private void hang(ChaosNode node, boolean alone, Duration time) throws IOException, InterruptedException {
        boolean judged = alone && cluster.nodes().size() > 1;
        int incarnation = judged ? Noticing.incarnation(cluster, node) : 0;
        long begin = System.nanoTime();
        Thread hanging = Thread.ofVirtual().start(() -> {
            try {
                node.hang(time);
            } catch (IOException e) {
                complaint = Optional.of(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        if (judged) {
            hung.await(cluster, node, incarnation, begin, time);
        }
        hanging.join();
    }

    /** With three nodes the third is left alone, and has nobody to send to. */
    private void killTwo(RandomGenerator random) throws IOException, InterruptedException {
        List<ChaosNode> two = cluster.some(2, random);
        AllOf.run(two, ChaosNode::kill);
        Thread.sleep(DEAD_TIME);
        List<ChaosNode> left =
                cluster.nodes().stream().filter(node -> !two.contains(node)).toList();
        if (left.size() == 1) {
            long before = sent(left.getFirst());
            Thread.sleep(LOOK);
            long after = sent(left.getFirst());
            if (after != before) {
                complaint = Optional.of("%s sent %d messages to nodes that were dead for %s"
                        .formatted(left.getFirst().name(), after - before, DEAD_TIME));
            }
        }
        AllOf.run(two, ChaosNode::start);
    }

    private long sent(ChaosNode node) throws IOException, InterruptedException {
        return cluster.status(node)
                .map(NodeStatus::sent)
                .orElseThrow(() -> new IOException(node.name() + " does not answer, though nothing was done to it"));
    }

    private void killNodes() throws IOException, InterruptedException {
        AllOf.run(cluster.nodes(), ChaosNode::kill);
        AllOf.run(cluster.nodes(), ChaosNode::start);
    }

    private static void restart(ChaosNode node, List<String> jvmOptions) throws IOException, InterruptedException {
        node.terminate();
        node.start(jvmOptions);
    }
}
