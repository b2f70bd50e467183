package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentVariablesTest {
    private static final ConfigSchema<SignalboxConfig> SCHEMA = ConfigSchema.of(SignalboxConfig.class);

    private static WrittenValues read(Map<String, String> environment) {
        WrittenValues written = new WrittenValues();
        EnvironmentVariables.read(environment, SCHEMA, written);
        return written;
    }

    private static ConfigKey key(String name) {
        return SCHEMA.key(name).orElseThrow();
    }

    static Stream<ConfigKey> keys() {
        return SCHEMA.keys().stream();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void shouldSetEachKeyByEachOfItsVariablesAndNoOther(ConfigKey key) {
        for (String variable : key.environmentVariables()) {
            WrittenValues written = read(Map.of(variable, "x"));

            assertThat(written.get(key)).contains(RawValue.of("x", "environment variable " + variable));
            assertThat(keys().filter(other -> written.get(other).isPresent())).containsExactly(key);
            assertThat(written.problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    void shouldTakeAnEmptyVariableForNoneAndNotForAnUnknownOne(ConfigKey key) {
        WrittenValues written = read(Map.of(key.environmentVariables().getFirst(), ""));

        assertThat(written.get(key)).isEmpty();
        assertThat(written.problems()).isEmpty();
    }

    @Test
    void shouldTakeTheShortVariableWhenTheSystematicOneIsEmpty() {
        WrittenValues written = read(Map.of("SIGNALBOX_NODE_KIND", "", "NODE_TYPE", "edge"));

        assertThat(written.get(key("node.kind"))).contains(RawValue.of("edge", "environment variable NODE_TYPE"));
    }

    @ParameterizedTest
    @CsvSource({
        "SIGNALBOX_GATEWAY_PROT, ; did you mean SIGNALBOX_GATEWAY_PORT?",
        "SIGNALBOX_GATEWAY_MAXFRAME, ; did you mean SIGNALBOX_GATEWAY_MAX_FRAME?",
        "SIGNALBOX_REDIS_, ; did you mean SIGNALBOX_REDIS_URL?",
        "SIGNALBOX_LOG_COLOUR_OF_THE_TEXT, ''"
    })
    void shouldRefuseAVariableOfASectionThatSetsNoKey(String variable, String guess) {
        assertThat(read(Map.of(variable, "1")).problems())
                .containsExactly(new ConfigProblem("", "environment variable " + variable, "", "sets no key" + guess));
    }

    @Test
    void shouldNotShowTheValueOfAVariableThatSetsNoKey() {
        assertThat(read(Map.of("SIGNALBOX_REDIS_PASSWROD", "hunter2"))
                        .problems()
                        .toString())
                .contains("SIGNALBOX_REDIS_PASSWORD?")
                .doesNotContain("hunter2");
    }

    @Test
    void shouldNameTheVariablesInTheOrderOfTheirNames() {
        Map<String, String> environment =
                Map.of("SIGNALBOX_REDIS_B", "", "SIGNALBOX_BUS_C", "1", "SIGNALBOX_LOG_A", "1");

        assertThat(read(environment).problems())
                .extracting(ConfigProblem::source)
                .containsExactly(
                        "environment variable SIGNALBOX_BUS_C",
                        "environment variable SIGNALBOX_LOG_A",
                        "environment variable SIGNALBOX_REDIS_B");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATH",
                "SIGNALBOX",
                "SIGNALBOX_",
                "SIGNALBOX_CONFIG",
                "SIGNALBOX_GATEWAY",
                "SIGNALBOX_GATEWAYS_PORT",
                "signalbox_gateway_prot",
                "MY_SIGNALBOX_GATEWAY_PROT"
            })
    void shouldPassOverVariablesOfNoSection(String variable) {
        assertThat(read(Map.of(variable, "1")).problems()).isEmpty();
    }

    /** What a pod finds set when the services are called signalbox-gateway, signalbox-redis and so on. */
    @ParameterizedTest
    @ValueSource(strings = {"GATEWAY", "REDIS", "POSTGRES", "NODE"})
    void shouldPassOverWhatKubernetesSetsForAService(String section) {
        String service = "SIGNALBOX_" + section;
        Map<String, String> environment = Map.of(
                service + "_SERVICE_HOST", "10.0.0.1",
                service + "_SERVICE_PORT", "4280",
                service + "_SERVICE_PORT_HTTP", "4280",
                service + "_PORT", "tcp://10.0.0.1:4280",
                service + "_PORT_4280_TCP", "tcp://10.0.0.1:4280",
                service + "_PORT_4280_TCP_PROTO", "tcp",
                service + "_PORT_4280_TCP_PORT", "4280",
                service + "_PORT_4280_TCP_ADDR", "10.0.0.1",
                service + "_PORT_53_UDP", "udp://10.0.0.1:53");

        WrittenValues written = read(environment);

        assertThat(written.problems()).isEmpty();
        assertThat(keys().filter(key -> written.get(key).isPresent())).isEmpty();
    }

    @Test
    void shouldNotTakeTheAddressOfAServiceForThePort() {
        assertThat(read(Map.of("SIGNALBOX_GATEWAY_PORT", "tcp://10.0.0.1:80")).get(key("gateway.port")))
                .isEmpty();
        assertThat(read(Map.of("SIGNALBOX_GATEWAY_PORT", "80")).get(key("gateway.port")))
                .isPresent();
        assertThat(read(Map.of("SIGNALBOX_GATEWAY_HOST", "tcp://10.0.0.1")).get(key("gateway.host")))
                .as("only ports are such")
                .isPresent();
    }

    @Test
    void shouldPassOverAnAddressOnlyWhereItIsOne() {
        assertThat(read(Map.of("SIGNALBOX_REDIS_PORT", "6379")).problems())
                .extracting(ConfigProblem::source)
                .isEqualTo(List.of("environment variable SIGNALBOX_REDIS_PORT"));
    }

    @Test
    void shouldReplaceWhatStoodInTheFile() {
        WrittenValues written = new WrittenValues();
        written.put(key("gateway.port"), RawValue.of("1", "file"));
        written.put(key("gateway.host"), RawValue.of("a", "file"));

        EnvironmentVariables.read(Map.of("SIGNALBOX_GATEWAY_PORT", "2"), SCHEMA, written);

        assertThat(written.get(key("gateway.port")).orElseThrow().text()).isEqualTo("2");
        assertThat(written.get(key("gateway.host")).orElseThrow().text()).isEqualTo("a");
    }
}
