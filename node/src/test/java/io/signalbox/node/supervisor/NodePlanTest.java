package io.signalbox.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodePlanTest {
    private static final Path DATA = Path.of("/data");
    private static final long GIB = 1L << 30;

    private final Iterator<Integer> freePorts = List.of(71, 71, 72, 72, 73, 74).iterator();

    private static SignalboxConfig config(Map<String, String> settings) {
        return ConfigLoader.load(Optional.empty(), Map.of(), settings);
    }

    private List<NodePlan> plan(int nodes, Map<String, String> settings) {
        return NodePlan.of(config(settings), nodes, DATA, freePorts::next);
    }

    @Test
    void shouldNumberNodesAndTheirFoldersWhenNothingIsConfigured() {
        assertThat(plan(2, Map.of()))
                .containsExactly(
                        new NodePlan("node-1", 4280, 4282, DATA.resolve("nodes/node-1")),
                        new NodePlan("node-2", 4281, 4283, DATA.resolve("nodes/node-2")));
    }

    @Test
    void shouldNumberTheConfiguredNameWhenThereIsOne() {
        assertThat(plan(2, Map.of("node.id", "east"))).extracting(NodePlan::id).containsExactly("east-1", "east-2");
    }

    @ParameterizedTest
    @CsvSource({
        "5000, 5001, 3, 5003", // among those of the gateways
        "5000, 5002, 3, 5003",
        "5000, 5003, 3, 5003",
        "5002, 5000, 3, 5005", // the gateways' begin among them
        "5003, 5000, 3, 5000",
        "5000, 5000, 1, 5001",
    })
    void shouldKeepThePortsOfGatewaysAndClusterApart(int gateway, int cluster, int nodes, int expected) {
        Map<String, String> settings =
                Map.of("gateway.port", Integer.toString(gateway), "cluster.port", Integer.toString(cluster));

        NodePlan first = plan(nodes, settings).getFirst();

        assertThat(first.gatewayPort()).isEqualTo(gateway);
        assertThat(first.clusterPort()).isEqualTo(expected);
    }

    @Test
    void shouldFindAPortForEachWhenAnyWillDo() {
        List<NodePlan> plans = plan(2, Map.of("gateway.port", "0", "cluster.port", "0"));

        assertThat(plans).extracting(NodePlan::gatewayPort).containsExactly(71, 72);
        assertThat(plans).extracting(NodePlan::clusterPort).containsExactly(73, 74);
    }

    @Test
    void shouldShareTheMachineWhenNothingElseIsConfigured() {
        MachineShare share = new MachineShare(3, 8, 32 * GIB);

        Map<String, String> settings =
                plan(3, Map.of()).getLast().settings(config(Map.of()).node(), share);

        assertThat(settings)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "node.id", "node-3",
                        "node.data-directory", "/data/nodes/node-3",
                        "gateway.port", "4282",
                        "cluster.enabled", "true",
                        "cluster.port", "4285",
                        "node.capacity", "8000",
                        "node.event-loops", "3"));
        assertThat(share.jvmOptions()).containsExactly("-XX:MaxRAMPercentage=8.333");
    }

    @Test
    void shouldLeaveTheShareToTheOperatorWhenItIsConfigured() {
        Map<String, String> configured = Map.of("node.capacity", "7", "node.event-loops", "2");

        Map<String, String> settings =
                plan(1, configured).getFirst().settings(config(configured).node(), new MachineShare(1, 8, GIB));

        assertThat(settings).doesNotContainKeys("node.capacity", "node.event-loops");
    }

    @Test
    void shouldGiveEveryNodeSomethingOfASmallMachine() {
        MachineShare share = new MachineShare(16, 1, 1);

        assertThat(share.capacity()).isEqualTo(93);
        assertThat(share.eventLoops()).isEqualTo(1);
    }
}
