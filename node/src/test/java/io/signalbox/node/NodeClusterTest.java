package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.bus.cluster.ClusterView.Member;
import io.signalbox.bus.cluster.ClusterView.State;
import io.signalbox.bus.cluster.ScriptedClusterView;
import io.signalbox.config.ConfigLoader;
import io.signalbox.config.NodeKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeClusterTest {
    private static ClusterView members(Map<String, String> addresses) {
        return new ScriptedClusterView(1)
                .members(addresses.entrySet().stream()
                        .map(each -> new Member(each.getKey(), 1, NodeKind.PRIMARY, 1, each.getValue(), State.LIVE))
                        .toList());
    }

    private static NodeCluster cluster(Map<String, String> settings) {
        return new NodeCluster(
                "here", ConfigLoader.load(Optional.empty(), Map.of(), settings).cluster());
    }

    private static Map<String, String> clustered() {
        return Map.of("cluster.enabled", "true", "cluster.port", "0");
    }

    @ParameterizedTest
    @CsvSource({
        "true,  127.0.0.1:1, ''",
        "true,  '',          there",
        "false, 127.0.0.1:1, there",
        "false, '',          there",
    })
    void shouldTellOfANodeThatSharesTheDatabaseAndIsNotLinked(boolean enabled, String address, String stranger) {
        NodeCluster cluster = cluster(enabled ? clustered() : Map.of());
        Map<String, String> members = new TreeMap<>(Map.of("here", enabled ? "127.0.0.1:2" : "", "there", address));

        Optional<String> told = cluster.stranger(members(members));

        assertThat(told.isPresent()).isEqualTo(!stranger.isEmpty());
        told.ifPresent(why -> assertThat(why).contains("Node " + stranger, "cluster.enabled"));
        assertThat(cluster.stranger(members(Map.of("here", "")))).isEmpty();
    }

    @Test
    void shouldTellOthersThePortThatItHasChosen() {
        assertThat(cluster(clustered()).address()).matches("127\\.0\\.0\\.1:[1-9]\\d+");
        assertThat(cluster(Map.of()).address()).as("not linked").isEmpty();
        assertThat(cluster(Map.of("cluster.enabled", "true", "cluster.port", "0", "cluster.advertised-host", "::1"))
                        .address())
                .startsWith("[::1]:");
    }

    @Test
    void shouldSayHowToGoOnWhenThePortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            assertThatThrownBy(() -> cluster(Map.of("cluster.enabled", "true", "cluster.port", port)))
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("cluster.port");
        }
    }

    @Test
    void shouldShareWhatClientsUseAndWhatServicesSayOverNodes() {
        assertThat(Stream.of("agent/a", "news/#", "#", "skill/s", "$sys/reply/n", "$sys/agent/a/1", "$sys/allocation"))
                .allMatch(SharedAddresses::isShared);
        assertThat(Stream.of("$sys/agents", "$sys/registry", "$sys/definitions", "$sys/dead-letters", "$sys/nodes"))
                .noneMatch(SharedAddresses::isShared);
    }
}
