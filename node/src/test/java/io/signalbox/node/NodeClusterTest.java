package io.signalbox.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.cluster.ClusterView;
import io.signalbox.config.ConfigLoader;
import io.signalbox.config.NodeKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeClusterTest {
    /** Of the given addresses, by node; nothing else is asked. */
    private record Members(Map<String, String> addresses) implements ClusterView {
        @Override
        public List<Member> members() {
            return addresses.entrySet().stream()
                    .map(each -> new Member(each.getKey(), 1, NodeKind.PRIMARY, 1, each.getValue(), State.LIVE))
                    .toList();
        }

        @Override
        public int incarnation() {
            return 1;
        }

        @Override
        public Optional<Owner> owner(Shard shard) {
            return Optional.empty();
        }

        @Override
        public OptionalInt epoch(Shard shard) {
            return OptionalInt.empty();
        }

        @Override
        public boolean mayAct() {
            return true;
        }

        @Override
        public Optional<String> whyNot() {
            return Optional.empty();
        }

        @Override
        public void listen(Listener listener) {}
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

        Optional<String> told = cluster.stranger(new Members(members));

        assertThat(told.isPresent()).isEqualTo(!stranger.isEmpty());
        told.ifPresent(why -> assertThat(why).contains("Node " + stranger, "cluster.enabled"));
        assertThat(cluster.stranger(new Members(Map.of("here", "")))).isEmpty();
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
