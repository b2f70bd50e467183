package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
    @TempDir
    Path directory;

    @Test
    void shouldTakeTheDefaultsWhenNothingIsWritten() {
        SignalboxConfig config = load("", Map.of(), Map.of());

        assertThat(config.node().id()).isEqualTo("node-1");
        assertThat(config.node().kind()).isEqualTo(NodeKind.PRIMARY);
        assertThat(config.node().capacity()).isEqualTo(OptionalInt.empty());
        assertThat(config.node().dataDirectory()).isEqualTo(Path.of("data"));
        assertThat(config.gateway().host()).isEqualTo("127.0.0.1");
        assertThat(config.gateway().port()).isEqualTo(4280);
        assertThat(config.gateway().allowedOrigins()).isEmpty();
        assertThat(config.gateway().maxPayload()).isEqualTo(new ByteSize(256 << 10));
        assertThat(config.identity().publicKeyFile()).isEmpty();
        assertThat(config.allocation().lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.postgres().url()).isEmpty();
        assertThat(config.log().format()).isEqualTo(LogConfig.LogFormat.TEXT);
    }

    @Test
    void shouldTakeTheDefaultsWhenThereIsNoFile() {
        assertThat(ConfigLoader.load(Optional.empty(), Map.of(), Map.of())).isEqualTo(load("", Map.of(), Map.of()));
    }

    @Test
    void shouldReadTheFileWhenThereIsOne() {
        SignalboxConfig config = load("""
                # a comment
                node:
                  id: "east-1"
                  kind: edge
                  capacity: 500
                gateway:
                  allowed-origins: [https://a.example, "https://b.example:8443"]
                  max-payload: 512KiB
                  heartbeat: 5s
                redis:
                log: {format: json, level: DEBUG}
                """, Map.of(), Map.of());

        assertThat(config.node().id()).isEqualTo("east-1");
        assertThat(config.node().kind()).isEqualTo(NodeKind.EDGE);
        assertThat(config.node().capacity()).isEqualTo(OptionalInt.of(500));
        assertThat(config.gateway().allowedOrigins()).isEqualTo(List.of("https://a.example", "https://b.example:8443"));
        assertThat(config.gateway().maxPayload()).isEqualTo(new ByteSize(512 << 10));
        assertThat(config.gateway().heartbeat()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.log().format()).isEqualTo(LogConfig.LogFormat.JSON);
        assertThat(config.log().level()).isEqualTo(LogConfig.LogLevel.DEBUG);
    }

    @Test
    void shouldLetTheLaterSourceWin() {
        String file = "gateway: {port: 1, max-connections: 1, max-agents-per-connection: 1}";
        Map<String, String> environment =
                Map.of("SIGNALBOX_GATEWAY_PORT", "2", "SIGNALBOX_GATEWAY_MAX_CONNECTIONS", "2");

        GatewayConfig gateway =
                load(file, environment, Map.of("gateway.port", "3")).gateway();

        assertThat(gateway.maxAgentsPerConnection()).isEqualTo(1);
        assertThat(gateway.maxConnections()).isEqualTo(OptionalInt.of(2));
        assertThat(gateway.port()).isEqualTo(3);
    }

    @Test
    void shouldForgetAnUnusableValueWhenALaterSourceReplacesIt() {
        SignalboxConfig config = load("gateway: {port: http}", Map.of(), Map.of("gateway.port", "0"));

        assertThat(config.gateway().port()).isZero();
    }

    @Test
    void shouldTakeTheShortVariablesOfTheNode() {
        NodeConfig node = load("", Map.of("NODE_TYPE", "secondary", "AGENT_CAPACITY", "7500"), Map.of())
                .node();

        assertThat(node.kind()).isEqualTo(NodeKind.SECONDARY);
        assertThat(node.capacity()).isEqualTo(OptionalInt.of(7500));
    }

    @Test
    void shouldPreferTheSystematicVariableWhenBothAreSet() {
        NodeConfig node = load("", Map.of("NODE_TYPE", "secondary", "SIGNALBOX_NODE_KIND", "edge"), Map.of())
                .node();

        assertThat(node.kind()).isEqualTo(NodeKind.EDGE);
    }

    @Test
    void shouldPassOverAVariableWhenItIsEmpty() {
        SignalboxConfig config = load(
                "gateway: {port: 1}", Map.of("SIGNALBOX_GATEWAY_PORT", "", "SIGNALBOX_REDIS_TIMEOUT", ""), Map.of());

        assertThat(config.gateway().port()).isEqualTo(1);
    }

    @Test
    void shouldPassOverVariablesOfOthers() {
        Map<String, String> environment = Map.of(
                "PATH", "/bin",
                "SIGNALBOX_URL", "http://elsewhere",
                "SIGNALBOX_JAVA_OPTS", "-Xmx1g",
                "SIGNALBOX_GATEWAY_SERVICE_HOST", "10.0.0.1",
                "SIGNALBOX_GATEWAY_SERVICE_PORT_HTTP", "4280",
                "SIGNALBOX_GATEWAY_PORT_4280_TCP_ADDR", "10.0.0.1");

        assertThat(load("", environment, Map.of())).isEqualTo(load("", Map.of(), Map.of()));
    }

    @Test
    void shouldNameKeySourceValueAndExpectationWhenAValueIsUnusable() {
        List<String> problems = problems("""
                gateway:
                  port: 65536
                """, Map.of("AGENT_CAPACITY", "many"), Map.of("allocation.lease", "30"));

        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "gateway.port = \"65536\" (line 2 of " + file() + "):"
                                + " expected a whole number, from 0 to 65535",
                        "node.capacity = \"many\" (environment variable AGENT_CAPACITY):"
                                + " expected a whole number, from 1 to 1000000, or nothing",
                        "allocation.lease = \"30\" (argument):"
                                + " expected a duration such as 500ms, 10s or 5m, from 500ms to 1h");
    }

    @Test
    void shouldReportEverythingAtOnce() {
        ConfigException failure =
                failure("""
                gatway: {port: 1}
                gateway:
                  prot: 1
                  host: ""
                  max-payload: 1MiB
                """, Map.of("SIGNALBOX_GATEWAY_HOSTS", "x"), Map.of("log.levle", "info", "log.level", "loud"));

        assertThat(failure.problems()).hasSize(7);
        assertThat(failure)
                .hasMessageStartingWith("The configuration cannot be used:\n  ")
                .hasMessageContainingAll(
                        "line 1 of " + file() + ": there is no section gatway; did you mean gateway?",
                        "line 3 of " + file() + ": gateway.prot: there is no such key; did you mean gateway.port?",
                        "environment variable SIGNALBOX_GATEWAY_HOSTS: sets no key;"
                                + " did you mean SIGNALBOX_GATEWAY_HOST?",
                        "argument: log.levle: there is no such key; did you mean log.level?",
                        "log.level = \"loud\" (argument): expected one of error, warn, info, debug",
                        "gateway.host = \"\" (line 4 of " + file() + "): expected a host name or address",
                        "gateway.max-payload = \"1MiB\" (line 5 of " + file() + "): expected at most three quarters");
    }

    @Test
    void shouldMaskSecretsWhereverTheyAreShown() {
        ConfigException failure = failure(
                "postgres: {url: 'postgresql://joe:hunter2@db/signalbox', password: hunter3}",
                Map.of(),
                Map.of("gateway.port", "-1"));
        SignalboxConfig config =
                load("postgres: {url: 'postgresql://db/signalbox', user: joe, password: hunter3}", Map.of(), Map.of());

        assertThat(failure)
                .hasMessageContaining("postgresql://******@db/signalbox")
                .hasMessageNotContainingAny("hunter2", "hunter3");
        assertThat(config.toString()).contains("password=******").doesNotContain("hunter3");
        assertThat(config.postgres().password().reveal()).isEqualTo("hunter3");
    }

    @Test
    void shouldMaskASecretWhenItStandsInAList() {
        ConfigException failure = failure("redis: {password: {a: hunter2}}", Map.of(), Map.of());

        assertThat(failure).hasMessageContaining("redis.password").hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'gateway: {port: 1'                   | line 1 of FILE: no YAML",
                "'gateway: port: 1'                    | line 1 of FILE: no YAML",
                "'[a, b]'                              | line 1 of FILE: expected sections such as gateway",
                "'just text'                           | line 1 of FILE: expected sections such as gateway",
                "'gateway: 17'                         | line 1 of FILE: expected keys of section gateway",
                "'gateway: {port: {a: b}}'             | line 1 of FILE: gateway.port: expected a whole number",
                "'gateway: {allowed-origins: [[a]]}'   | line 1 of FILE: gateway.allowed-origins: expected a list",
                "'gateway: {port: [1, 2]}'             | gateway.port = \"1, 2\" (line 1 of FILE): expected a whole",
                "'gateway: {port: 1, port: 2}'         | line 1 of FILE: port is there twice",
                "'gateway: {[a]: 2}'                   | line 1 of FILE: expected a name",
                "'a: &x {b: 1}\u00a0'                  | line 1 of FILE",
                "'gateway.port: 1'                     | line 1 of FILE: there is no section gateway.port",
                "'gateway: {port: }'                   | gateway.port = \"\" (line 1 of FILE): expected a whole"
            })
    void shouldNameTheLineWhenTheFileIsWrong(String yaml, String expected) {
        assertThat(failure(yaml, Map.of(), Map.of())).hasMessageContaining(expected.replace("FILE", file() + ""));
    }

    @Test
    void shouldCountTheLinesWhenTheFileIsLonger() {
        String yaml = """
                # one

                gateway:

                  port: 1
                  prot: 1
                gateway:
                  port: 3
                """;

        assertThat(problems(yaml, Map.of(), Map.of()))
                .containsExactly(
                        "line 7 of " + file() + ": gateway is there twice",
                        "line 6 of " + file() + ": gateway.prot: there is no such key; did you mean gateway.port?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment", "---", "gateway:\nredis: ~\nlog: {}"})
    void shouldTakeTheDefaultsWhenTheFileSaysNothing(String yaml) {
        assertThat(load(yaml, Map.of(), Map.of())).isEqualTo(load("", Map.of(), Map.of()));
    }

    @Test
    void shouldSaySoWhenThereIsNoSuchFile() {
        Path missing = directory.resolve("missing.yaml");

        ConfigException failure = catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load(Optional.of(missing), Map.of(), Map.of()));

        assertThat(failure).hasMessageContaining(missing + ": there is no such file");
    }

    @Test
    void shouldSaySoWhenTheFileIsNoText() throws Exception {
        Path file = Files.write(directory.resolve("binary.yaml"), new byte[] {(byte) 0xC3, (byte) 0x28});

        ConfigException failure = catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load(Optional.of(file), Map.of(), Map.of()));

        assertThat(failure).hasMessageContaining("not a text in UTF-8");
    }

    @Test
    void shouldSaySoWhenTheFileIsAFolder() {
        ConfigException failure = catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load(Optional.of(directory), Map.of(), Map.of()));

        assertThat(failure).hasMessageContaining(directory + ": cannot be read");
    }

    @Test
    void shouldReportInTheOrderOfTheSourcesAndRulesLast() {
        ConfigException failure = failure(
                "nod: {}\nallocation: {lease: 1s}",
                Map.of("SIGNALBOX_LOG_LEVLE", "x"),
                new TreeMap<>(Map.of("gateway.prot", "1", "gateway.port", "http")));

        assertThat(failure.problems())
                .extracting(problem -> problem.key() + "|" + problem.source().replaceAll(" of .*", ""))
                .containsExactly(
                        "|line 1",
                        "|environment variable SIGNALBOX_LOG_LEVLE",
                        "|argument",
                        "gateway.port|argument",
                        "allocation.lease|line 2");
    }

    @Test
    void shouldSayEverythingInTheMessageOfTheException() {
        ConfigProblem one = new ConfigProblem("a.b", "argument", "1", "expected 2");
        ConfigProblem other = new ConfigProblem("", "x.yaml", "", "no YAML");
        List<ConfigProblem> problems = new ArrayList<>(List.of(one, other));

        ConfigException exception = new ConfigException(problems);
        problems.clear();

        assertThat(exception).hasMessage("""
                The configuration cannot be used:
                  a.b = "1" (argument): expected 2
                  x.yaml: no YAML""");
        assertThat(exception.problems()).containsExactly(one, other);
    }

    @Test
    void shouldNotShowAnUnknownArgumentsValue() {
        assertThat(failure("", Map.of(), Map.of("redis.pasword", "hunter2")))
                .hasMessageContaining("redis.pasword: there is no such key; did you mean redis.password?")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void shouldTakeEveryKeyFromAnArgument() {
        ConfigSchema<SignalboxConfig> schema = ConfigSchema.of(SignalboxConfig.class);
        Map<String, String> defaults = schema.keys().stream()
                .collect(Collectors.toMap(
                        ConfigKey::toString, key -> key.setting().defaultValue()));

        assertThat(load("", Map.of(), defaults)).isEqualTo(load("", Map.of(), Map.of()));
    }

    @Test
    void shouldRefuseEveryKeyJustBeyondItsLimits() {
        for (ConfigKey key : ConfigSchema.of(SignalboxConfig.class).keys()) {
            Setting setting = key.setting();
            if (setting.max() != Long.MAX_VALUE) {
                String unit = key.type().expected().startsWith("a duration") ? "ms" : "";
                for (long beyond : List.of(setting.min() - 1, setting.max() + 1)) {
                    ConfigException failure = failure("", Map.of(), Map.of(key.toString(), beyond + unit));

                    assertThat(failure.problems())
                            .as("%s = %d", key, beyond)
                            .extracting(ConfigProblem::toString)
                            .containsExactly("%s = \"%d%s\" (argument): expected %s"
                                    .formatted(key, beyond, unit, key.type().expected()));
                }
            }
        }
    }

    private SignalboxConfig load(String yaml, Map<String, String> environment, Map<String, String> arguments) {
        try {
            Files.writeString(file(), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ConfigLoader.load(Optional.of(file()), environment, arguments);
    }

    private List<String> problems(String yaml, Map<String, String> environment, Map<String, String> arguments) {
        return failure(yaml, environment, arguments).problems().stream()
                .map(ConfigProblem::toString)
                .toList();
    }

    private ConfigException failure(String yaml, Map<String, String> environment, Map<String, String> arguments) {
        return catchThrowableOfType(ConfigException.class, () -> load(yaml, environment, arguments));
    }

    private Path file() {
        return directory.resolve("signalbox.yaml");
    }
}
