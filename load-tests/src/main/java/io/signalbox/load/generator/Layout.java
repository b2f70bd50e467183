package io.signalbox.load.generator;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where each agent is: agents follow each other over connections, connections go to the nodes in turn.
 *
 * @param nodes host and port of each; they are separate, so messages stay within one
 * @param fanOut whether all agents receive what is sent to all
 * @param slowEvery of how many connections to a node one is a slow reader, which any process can tell by the number; 0: none
 */
public record Layout(List<Node> nodes, int agents, int agentsPerConnection, boolean fanOut, int slowEvery) {
    /** Without slow readers. */
    public Layout(List<Node> nodes, int agents, int agentsPerConnection, boolean fanOut) {
        this(nodes, agents, agentsPerConnection, fanOut, 0);
    }

    /** Where a server listens. */
    public record Node(String host, int port) {}

    @JsonIgnore
    public int connections() {
        return Math.ceilDiv(agents, agentsPerConnection);
    }

    int firstAgent(int connection) {
        return connection * agentsPerConnection;
    }

    int agentsOf(int connection) {
        return Math.min(agentsPerConnection, agents - firstAgent(connection));
    }

    int connectionOf(int agent) {
        return agent / agentsPerConnection;
    }

    Node nodeOf(int connection) {
        return nodes.get(connection % nodes.size());
    }

    /** Whether it stops reading when told so. */
    boolean isSlow(int connection) {
        return slowEvery > 0 && connection / nodes.size() % slowEvery == 0;
    }

    /** Slow readers over all nodes. */
    @JsonIgnore
    public int slowConnections() {
        return (int) IntStream.range(0, connections()).filter(this::isSlow).count();
    }

    /** How many connections go to the node that this connection goes to. */
    int connectionsBeside(int connection) {
        int node = connection % nodes.size();
        return (connections() - node + nodes.size() - 1) / nodes.size();
    }

    /** The n-th connection to the node that {@code connection} goes to. */
    int beside(int connection, int n) {
        return connection % nodes.size() + n * nodes.size();
    }
}
