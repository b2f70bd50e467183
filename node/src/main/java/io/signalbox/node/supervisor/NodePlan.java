package io.signalbox.node.supervisor;

import io.signalbox.config.NodeConfig;
import io.signalbox.config.SignalboxConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * What one of several nodes has for itself; all else it has in common with the others. The same over all its starts.
 * Immutable.
 *
 * @param dataDirectory absolute
 */
public record NodePlan(String id, int gatewayPort, int clusterPort, Path dataDirectory) {
    private static final String USUAL_ID = "node-1";

    /**
     * Plans nodes that are numbered from 1, with ports that follow each other.
     *
     * @param config of all; its ports are those of the first node, 0: a free one for each
     * @param dataDirectory the supervisor's
     * @param freePort finds one
     */
    static List<NodePlan> of(SignalboxConfig config, int nodes, Path dataDirectory, IntSupplier freePort) {
        String id = config.node().id();
        String name = id.equals(USUAL_ID) ? "node" : id;
        Set<Integer> taken = new HashSet<>();
        List<Integer> gatewayPorts = ports(config.gateway().port(), nodes, taken, freePort);
        List<Integer> clusterPorts = ports(clusterPort(config, nodes), nodes, taken, freePort);
        List<NodePlan> plans = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            String numbered = name + "-" + (i + 1);
            Path directory = dataDirectory.resolve("nodes").resolve(numbered);
            plans.add(new NodePlan(numbered, gatewayPorts.get(i), clusterPorts.get(i), directory));
        }
        return List.copyOf(plans);
    }

    /** Behind the gateways' ports where it would be among them: that it is with the defaults. */
    private static int clusterPort(SignalboxConfig config, int nodes) {
        int gateway = config.gateway().port();
        int cluster = config.cluster().port();
        boolean apart = gateway == 0 || cluster == 0 || Math.abs(cluster - gateway) >= nodes;
        return apart ? cluster : gateway + nodes;
    }

    private static List<Integer> ports(int first, int nodes, Set<Integer> taken, IntSupplier freePort) {
        return IntStream.range(0, nodes)
                .map(i -> first == 0
                        ? IntStream.generate(freePort)
                                .filter(taken::add)
                                .findFirst()
                                .getAsInt()
                        : first + i)
                .boxed()
                .toList();
    }

    /**
     * As configuration keys and values. Where the machine is not configured to be shared in another way, each node gets its
     * share.
     */
    Map<String, String> settings(NodeConfig common, MachineShare share) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("node.id", id);
        settings.put("node.data-directory", dataDirectory.toString());
        settings.put("gateway.port", Integer.toString(gatewayPort));
        settings.put("cluster.enabled", "true");
        settings.put("cluster.port", Integer.toString(clusterPort));
        if (common.capacity().isEmpty()) {
            settings.put("node.capacity", Integer.toString(share.capacity()));
        }
        if (common.eventLoops().isEmpty()) {
            settings.put("node.event-loops", Integer.toString(share.eventLoops()));
        }
        return settings;
    }
}
