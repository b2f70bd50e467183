package io.signalbox.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
