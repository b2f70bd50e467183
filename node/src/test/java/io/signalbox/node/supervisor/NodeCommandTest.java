package io.signalbox.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.config.ConfigLoader;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeStores;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeCommandTest {
    private static final NodePlan PLAN = new NodePlan("node-2", 4281, 4291, Path.of("/data/nodes/node-2"));

    private static NodeCommand command(Optional<Path> file, Map<String, String> given) {
        Map<String, String> effective = new LinkedHashMap<>(Map.of(
                "postgres.url", "postgresql://127.0.0.1:5/p",
                "postgres.user", "u",
                "redis.url", "redis://127.0.0.1:6,redis://127.0.0.1:7",
                "redis.mode", "cluster"));
        effective.putAll(given);
        SignalboxConfig config = ConfigLoader.load(Optional.empty(), Map.of(), effective);
        NodeStores.Addresses stores = new NodeStores.Addresses(config.postgres(), config.redis());
        return NodeCommand.of(PLAN, config, file, given, stores, new MachineShare(2, 2, 1));
    }

    @Test
    void shouldHandPasswordsOverWhereOthersCannotReadThem() {
        NodeCommand command =
                command(Optional.empty(), Map.of("postgres.password", "secret-1", "redis.password", "secret-2"));

        assertThat(command.environment())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("SIGNALBOX_POSTGRES_PASSWORD", "secret-1", "SIGNALBOX_REDIS_PASSWORD", "secret-2"));
        assertThat(command.arguments()).noneMatch(argument -> argument.contains("secret"));
        assertThat(command.toString()).doesNotContain("secret");
        assertThat(command.builder().environment()).containsEntry("SIGNALBOX_REDIS_PASSWORD", "secret-2");
    }

    @Test
    void shouldPassOnWhatTheOperatorHasSetAndWhatIsTheNodesOwn() {
        NodeCommand command = command(
                Optional.of(Path.of("some.yaml")),
                Map.of("log.level", "debug", "node.id", "node", "gateway.port", "4280"));

        assertThat(command.arguments())
                .containsSubsequence("up", "--supervised", "--config", "some.yaml")
                .contains(
                        "log.level=debug",
                        "node.id=node-2",
                        "node.data-directory=/data/nodes/node-2",
                        "gateway.port=4281",
                        "cluster.port=4291",
                        "cluster.enabled=true",
                        "postgres.url=postgresql://127.0.0.1:5/p",
                        "postgres.user=u",
                        "redis.url=redis://127.0.0.1:6,redis://127.0.0.1:7")
                .doesNotContain("node.id=node", "gateway.port=4280");
        assertThat(command.environment()).isEmpty();
    }
}
