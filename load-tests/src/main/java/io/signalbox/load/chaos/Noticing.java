package io.signalbox.load.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How long it takes until all other nodes count one as gone: their links, and their membership. Not thread-safe.
 *
 * @param links milliseconds of each time until no other was linked with it
 * @param members until no other had this incarnation of it among its members
 */
record Noticing(List<Long> links, List<Long> members) {
    private static final Duration POLL = Duration.ofMillis(20);

    Noticing() {
        this(new ArrayList<>(), new ArrayList<>());
    }

    /**
     * Returns when they have noticed, or after the patience.
     *
     * @param gone killed or hung just now
     * @param incarnation that it had
     * @param since when, by the nano clock
     * @return whether membership noticed in time
     */
    boolean await(ChaosCluster cluster, ChaosNode gone, int incarnation, long since, Duration patience)
            throws IOException, InterruptedException {
        List<ChaosNode> others =
                cluster.nodes().stream().filter(node -> node != gone).toList();
        Last unlinked = new Last();
        Last fenced = new Last();
        AllOf.run(others, other -> {
            boolean linked = true;
            boolean member = true;
            while ((linked || member) && System.nanoTime() - since < patience.toNanos()) {
                Optional<NodeStatus> status = cluster.status(other);
                long passed = (System.nanoTime() - since) / 1_000_000;
                if (linked
                        && status.filter(seen -> seen.peers() < others.size()).isPresent()) {
                    linked = false;
                    unlinked.at(passed);
                }
                if (member
                        && status.filter(seen -> !knows(seen, gone, incarnation))
                                .isPresent()) {
                    member = false;
                    fenced.at(passed);
                }
                Thread.sleep(POLL);
            }
        });
        unlinked.ofAll(others.size()).ifPresent(links::add);
        fenced.ofAll(others.size()).ifPresent(members::add);
        return fenced.ofAll(others.size()).isPresent();
    }

    /** When the last of the others noticed. Thread-safe. */
    private static final class Last {
        private int times;
        private long latest;

        synchronized void at(long millis) {
            times++;
            latest = Math.max(latest, millis);
        }

        synchronized Optional<Long> ofAll(int others) {
            return times == others ? Optional.of(latest) : Optional.empty();
        }
    }

    private static boolean knows(NodeStatus status, ChaosNode node, int incarnation) {
        return status.members().getOrDefault(node.name(), 0) == incarnation;
    }

    /** As it is known to itself. */
    static int incarnation(ChaosCluster cluster, ChaosNode node) throws IOException, InterruptedException {
        Optional<NodeStatus> status = cluster.status(node);
        return status.map(NodeStatus::members)
                .map(members -> members.getOrDefault(node.name(), 0))
                .orElseThrow(() -> new IOException(node.name() + " does not answer, though nothing was done to it"));
    }
}
