package io.signalbox.load.generator;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Pairs in which only those send that read, and in which a part of all messages goes to the slow readers. So what the slow
 * readers lose concerns nobody else. Not thread-safe.
 */
final class ToSlowReaders implements Choice {
    /** Of all messages one in so many is for a slow reader. */
    private static final int ONE_IN = 5;

    private final Layout layout;
    private final SplittableRandom random;
    private final int[] senders;
    private final int[][] quickByNode;
    private final int[][] slowByNode;
    private int from;
    private int to;

    ToSlowReaders(Order.Connect order, SplittableRandom random) {
        this.layout = order.layout();
        this.random = random;
        int end = order.firstConnection() + order.connections();
        this.senders = connections(order.firstConnection(), end, -1, false);
        int nodes = layout.nodes().size();
        this.quickByNode = new int[nodes][];
        this.slowByNode = new int[nodes][];
        for (int node = 0; node < nodes; node++) {
            quickByNode[node] = connections(0, layout.connections(), node, false);
            slowByNode[node] = connections(0, layout.connections(), node, true);
            if (quickByNode[node].length < 2 || slowByNode[node].length == 0) {
                throw new IllegalArgumentException("too few agents for slow readers and others on each node");
            }
        }
    }

    /** @param node negative: any */
    private int[] connections(int first, int end, int node, boolean slow) {
        return IntStream.range(first, end)
                .filter(connection -> layout.isSlow(connection) == slow)
                .filter(connection -> node < 0 || connection % layout.nodes().size() == node)
                .toArray();
    }

    @Override
    public void next() {
        int connection = any(senders);
        int node = connection % layout.nodes().size();
        from = agentOf(connection);
        if (random.nextInt(ONE_IN) == 0) {
            to = agentOf(any(slowByNode[node]));
            return;
        }
        do {
            to = agentOf(any(quickByNode[node]));
        } while (to == from);
    }

    private int any(int[] connections) {
        return connections[random.nextInt(connections.length)];
    }

    private int agentOf(int connection) {
        return layout.firstAgent(connection) + random.nextInt(layout.agentsOf(connection));
    }

    @Override
    public int from() {
        return from;
    }

    @Override
    public int to() {
        return to;
    }
}
