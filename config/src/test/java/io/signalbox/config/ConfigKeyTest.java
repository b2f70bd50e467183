package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The keys that there are, and what is shown of their values. */
class ConfigKeyTest {
    private static final ConfigSchema<SignalboxConfig> SCHEMA = ConfigSchema.of(SignalboxConfig.class);

    private record Bare(String undocumented) {}

    static Stream<ConfigKey> keys() {
        return SCHEMA.keys().stream();
    }

    private static ConfigKey key(String name) {
        return SCHEMA.key(name).orElseThrow();
    }

    private static String shown(String name, String text) {
        return key(name).shown(RawValue.of(text, "here"));
    }

    @ParameterizedTest
    @CsvSource({
        "port, port",
        "maxFrame, max-frame",
        "maxAgentsPerConnection, max-agents-per-connection",
        "sha256Sum, sha256-sum",
        "URL, url"
    })
    void shouldWriteNamesInKebabCase(String camel, String kebab) {
        assertThat(ConfigKey.kebab(camel)).isEqualTo(kebab);
    }

    @ParameterizedTest
    @CsvSource({
        "gateway.port, SIGNALBOX_GATEWAY_PORT",
        "gateway.max-agents-per-connection, SIGNALBOX_GATEWAY_MAX_AGENTS_PER_CONNECTION",
        "node.kind, SIGNALBOX_NODE_KIND NODE_TYPE",
        "node.capacity, SIGNALBOX_NODE_CAPACITY AGENT_CAPACITY"
    })
    void shouldHaveAVariableOfTheSystemAndThenItsShortOne(String name, String variables) {
        assertThat(key(name).environmentVariables()).containsExactly(variables.split(" "));
    }

    @ParameterizedTest
    @MethodSource("keys")
    void shouldHaveAMeaningForPeopleAndADefaultThatIsAllowed(ConfigKey key) {
        assertThat(key.setting().value()).isNotBlank().doesNotEndWith(".");
        assertThat(key.type().parse(key.defaultValue())).isPresent();
        assertThat(key.setting().min()).isLessThan(key.setting().max());
    }

    @Test
    void shouldShareNoNameAndNoVariableWithAnother() {
        Set<String> names = new HashSet<>();

        keys().forEach(key -> {
            assertThat(names.add(key.toString())).as(key.toString()).isTrue();
            key.environmentVariables()
                    .forEach(variable ->
                            assertThat(names.add(variable)).as(variable).isTrue());
        });
    }

    @Test
    void shouldBeFoundByItsWholeNameOnly() {
        assertThat(SCHEMA.key("gateway.port")).isPresent();
        for (String other : List.of("port", "gateway", "gateway.", ".port", "Gateway.port", "gateway.port ", "")) {
            assertThat(SCHEMA.key(other)).as(other).isEmpty();
        }
    }

    @Test
    void shouldRefuseAComponentThatIsNotDocumented() {
        assertThatThrownBy(() -> ConfigKey.of("bare", Bare.class.getRecordComponents()[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("undocumented of bare lacks @Setting");
    }

    @ParameterizedTest
    @CsvSource({"redis.password, true", "postgres.password, true", "redis.url, false", "postgres.user, false"})
    void shouldKnowWhetherItIsASecret(String name, boolean secret) {
        assertThat(key(name).isSecret()).isEqualTo(secret);
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://db/signalbox, postgresql://db/signalbox",
        "postgresql://joe:hunter2@db/signalbox, postgresql://******@db/signalbox",
        "postgresql://joe:hun/ter2@db/signalbox, postgresql://******@db/signalbox",
        "postgresql://joe:hun@ter2@db/signalbox, postgresql://******@db/signalbox",
        "postgresql://joe:hun?ter2@db/signalbox, postgresql://******@db/signalbox",
        "redis://:hunter2@cache:6379, redis://******@cache:6379",
        "joe:hunter2@db/signalbox, ******@db/signalbox",
        "jdbc:postgresql://joe:hunter2@db/x, ******@db/x",
        "postgresql://db/x?user=joe&password=hunter2, postgresql://db/x?******",
        "postgresql://joe:hunter2@db/x?password=hunter2, postgresql://******@db/x?******"
    })
    void shouldShowNoPasswordThatStandsInAUrl(String text, String shown) {
        assertThat(shown("postgres.url", text)).isEqualTo(shown);
    }

    @Test
    void shouldShowNoPasswordThatStandsInAUrlOfAList() {
        assertThat(shown("gateway.allowed-origins", "https://a.example,https://joe:hunter2@b.example"))
                .doesNotContain("hunter2")
                .endsWith("b.example");
    }

    @Test
    void shouldShowNothingOfASecretButThatThereIsOne() {
        assertThat(shown("redis.password", "hunter2")).isEqualTo("******");
        assertThat(shown("redis.password", "h")).isEqualTo("******");
        assertThat(shown("redis.password", "")).isEmpty();
    }

    @Test
    void shouldNameKeySourceValueAndExpectationInAProblem() {
        ConfigProblem problem = key("gateway.port").problem(RawValue.of(" http ", "line 3 of x.yaml"), "a number");

        assertThat(problem)
                .isEqualTo(new ConfigProblem("gateway.port", "line 3 of x.yaml", "http", "expected a number"))
                .hasToString("gateway.port = \"http\" (line 3 of x.yaml): expected a number");
        assertThat(new ConfigProblem("", "x.yaml", "", "no YAML")).hasToString("x.yaml: no YAML");
    }

    @Test
    void shouldMaskASecretInEveryTextOfItself() {
        Secret secret = new Secret("hunter2");

        assertThat(secret).hasToString("******");
        assertThat(List.of(secret).toString() + "%s".formatted(secret) + secret).doesNotContain("hunter2");
        assertThat(secret.reveal()).isEqualTo("hunter2");
        assertThat(secret).isEqualTo(new Secret("hunter2")).isNotEqualTo(new Secret("hunter3"));
        assertThat(new Secret("")).hasToString("");
    }
}
