package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigDocumentTest {
    /** Set it to write the document anew: {@code mvn test -pl config -Dsignalbox.regenerate=true}. */
    private static final String REGENERATE = "signalbox.regenerate";

    @TempDir
    Path directory;

    @Test
    void shouldBeTheDocumentThatIsCommitted() throws IOException {
        Path document = Path.of("../docs/configuration.md");
        if (Boolean.getBoolean(REGENERATE)) {
            Files.writeString(document, ConfigDocument.markdown());
        }

        assertThat(document)
                .as("docs/configuration.md is stale; write it anew: mvn test -pl config -D" + REGENERATE + "=true")
                .hasContent(ConfigDocument.markdown());
    }

    @Test
    void shouldHaveARowForEveryKey() {
        String markdown = ConfigDocument.markdown();

        assertThat(ConfigSchema.of(SignalboxConfig.class).keys())
                .hasSizeGreaterThan(40)
                .allSatisfy(key -> assertThat(markdown).contains("| `" + key + "` |"));
        assertThat(markdown)
                .contains(
                        "`SIGNALBOX_NODE_KIND`, `NODE_TYPE`", "| `gateway.port` | `4280` | a whole number, from 0 to");
    }

    @Test
    void shouldGiveTheDefaultsWhenTheExampleIsLoaded() throws IOException {
        assertThat(loaded(ConfigDocument.exampleYaml(), Map.of())).isEqualTo(loaded("", Map.of()));
    }

    @Test
    void shouldExplainEveryKeyInTheExample() {
        assertThat(ConfigDocument.exampleYaml().lines().filter(line -> line.startsWith("  # ")))
                .hasSameSizeAs(ConfigSchema.of(SignalboxConfig.class).keys());
    }

    @Test
    void shouldGiveTheSameWhenAnEffectiveConfigurationIsLoaded() throws IOException {
        SignalboxConfig config = loaded(
                "",
                Map.of(
                        "node.capacity", "17",
                        "node.data-directory", "C:\\some \"data\" # here",
                        "gateway.allowed-origins", "https://a.example,https://b.example",
                        "gateway.heartbeat", "1s500ms",
                        "gateway.max-payload", "700KiB",
                        "log.format", "json"));

        assertThat(loaded(ConfigDocument.yaml(config), Map.of())).isEqualTo(config);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "NULL",
                "Null",
                "~",
                "true",
                "no",
                "17",
                "1e3",
                "010",
                "2024-01-01",
                "-",
                "- a",
                "a: b",
                "a # b",
                "#",
                "[a]",
                "{a: b}",
                "*a",
                "&a",
                "!a",
                "|",
                ">",
                "%a",
                "@a",
                "`a",
                "'",
                "\"",
                "\\",
                "\\n",
                "a\nb",
                "a\tb",
                "a\rb",
                "\u0001",
                "\u007f",
                "a\0b",
                "\u00e9\u4e2d",
                "\ud83d\ude82",
                "a\u0085b",
                "a\u2028b",
                "nullable",
                "$1",
                "\\x41"
            })
    void shouldGiveTheSameTextWhateverStandsInIt(String text) throws IOException {
        SignalboxConfig config = loaded("", Map.of("identity.issuer", text, "postgres.user", text));
        assertThat(config.identity().issuer()).isEqualTo(text.strip());

        assertThat(loaded(ConfigDocument.yaml(config), Map.of())).isEqualTo(config);
    }

    @Test
    void shouldHaveOneLineForEveryKeyAndNoCommentInAnEffectiveConfiguration() throws IOException {
        String yaml = ConfigDocument.yaml(loaded("", Map.of("identity.issuer", "a\nb")));

        assertThat(yaml.lines().filter(line -> line.startsWith("  ")))
                .hasSameSizeAs(ConfigSchema.of(SignalboxConfig.class).keys())
                .noneMatch(line -> line.contains("#"));
        assertThat(yaml).contains("  issuer: \"a\\x0ab\"\n");
    }

    @Test
    void shouldWriteValuesInTheNotationThatIsRead() throws IOException {
        String yaml = ConfigDocument.yaml(loaded(
                "",
                Map.of(
                        "gateway.allowed-origins", "https://a.example",
                        "gateway.resume-grace", "0",
                        "gateway.max-payload", "1000",
                        "node.kind", "EDGE",
                        "node.capacity", "5")));

        assertThat(yaml)
                .contains(
                        "  allowed-origins: [\"https://a.example\"]\n",
                        "  resume-grace: 0s\n",
                        "  max-payload: 1000\n",
                        "  kind: edge\n",
                        "  capacity: 5\n",
                        "  public-key-file: \"\"\n");
    }

    @Test
    void shouldListEveryRule() {
        String rules = ConfigDocument.markdown().split("## What must hold besides")[1];

        assertThat(ConfigRules.all())
                .allSatisfy(rule -> assertThat(rules).contains("* `" + rule.key() + "`: " + rule.expected() + "\n"));
    }

    /** A cell that holds a bar would be two. */
    @Test
    void shouldHaveFiveCellsInEveryRow() {
        assertThat(ConfigDocument.markdown().lines().filter(line -> line.startsWith("|")))
                .allSatisfy(line ->
                        assertThat(line.split("(?<!\\\\)\\|", -1)).as(line).hasSize(7));
    }

    @Test
    void shouldMaskSecretsWhenAnEffectiveConfigurationIsPrinted() throws IOException {
        SignalboxConfig config = loaded("", Map.of("redis.password", "hunter2"));

        assertThat(ConfigDocument.yaml(config)).contains("password: \"******\"").doesNotContain("hunter2");
    }

    private SignalboxConfig loaded(String yaml, Map<String, String> arguments) throws IOException {
        Path file = Files.writeString(directory.resolve("signalbox.yaml"), yaml);
        return ConfigLoader.load(Optional.of(file), Map.of(), arguments);
    }
}
