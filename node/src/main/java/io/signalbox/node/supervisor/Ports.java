package io.signalbox.node.supervisor;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Finds out, before anything slow is started, whether nodes can listen where they shall. Immutable. */
record Ports(SignalboxConfig config) {

    /** @throws NodeException when one is taken */
    void check(NodePlan node) {
        check(node.id(), "gateway", config.gateway().host(), node.gatewayPort());
        check(node.id(), "cluster", config.cluster().host(), node.clusterPort());
    }

    private static void check(String node, String section, String host, int port) {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName(host))) {
            probe.getLocalPort();
        } catch (IOException | IllegalArgumentException e) {
            throw new NodeException(
                    "Node %s cannot listen on %s:%d: %s. Stop what listens there, or set %s.host or %s.port, the port of the first node; 0 finds free ones."
                            .formatted(node, host, port, e.getMessage(), section, section),
                    e);
        }
    }
}
