package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeStatusTest {
    @Test
    void shouldCountAsMembersThoseThatMayOwnWork() throws Exception {
        String nodes = """
                {"nodes": [{"id": "node-1", "state": "live", "incarnation": 3},
                           {"id": "node-2", "state": "joining", "incarnation": 4},
                           {"id": "node-3", "state": "live", "incarnation": 2}]}""";

        assertThat(NodeStatus.members(new ObjectMapper().readTree(nodes))).isEqualTo(Map.of("node-1", 3, "node-3", 2));
    }

    @Test
    void shouldReadOneSampleByItsWholeName() {
        String metrics = """
                # HELP signalbox_bus_peers_up Nodes that this one is linked with
                signalbox_bus_peers_up_more 7.0
                signalbox_bus_peers_up 2.0
                signalbox_bus_peer_sent_total 1.2E7
                """;

        assertThat(NodeStatus.sample(metrics, "signalbox_bus_peers_up")).isEqualTo(2);
        assertThat(NodeStatus.sample(metrics, "signalbox_bus_peer_sent_total")).isEqualTo(12_000_000);
        assertThat(NodeStatus.sample(metrics, "signalbox_bus_peer")).isZero();
    }
}
