package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionParserTest {
    private static final String GOOD = """
            {"name": "research.reader", "version": "1.2.0", "description": "Reads.", "slots": 3,
             "tags": {"team": "r"},
             "skills": [{"name": "research.read", "version": "2.0.0",
                         "inputSchema": {"type": "object", "required": ["url"]}}]}""";

    private final DefinitionParser parser = new DefinitionParser();

    private Definition parse(String document) {
        return parser.parse(document.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadADefinition() {
        Definition definition = parse(GOOD);

        assertThat(definition.reference()).isEqualTo("research.reader@1.2.0");
        assertThat(definition.slots()).isEqualTo(3);
        assertThat(definition.tags()).containsEntry("team", "r");
        assertThat(definition.skill("research.read").orElseThrow().inputSchema())
                .isEqualTo("{\"required\":[\"url\"],\"type\":\"object\"}");
    }

    @Test
    void shouldTakeWhatIsForPeopleAndPlacement() {
        String manifest = GOOD.replace("\"slots\": 3,", """
                "slots": 3, "labels": {"population": "research"}, "entryPoint": {"image": "readers:1.2"},
                "resources": {"cpuMillis": 500, "models": ["small"]}, "limits": {"seconds": 60},
                "policy": {"sideEffects": "none", "approval": false},""").replace("\"version\": \"2.0.0\",", """
                        "version": "2.0.0", "tags": ["papers"], "entryPoint": {"function": "read"},
                        "resources": {"memoryMiB": 512}, "limits": {"tokens": 9000}, "policy": {"tenants": ["r"]},""");

        assertThat(parse(manifest).document()).contains("readers:1.2", "papers", "9000");
        assertThatThrownBy(() -> parse(manifest.replace("\"tokens\"", "\"token\"")))
                .hasMessageContaining("/skills/0/limits");
    }

    @Test
    void shouldPublishTheSchemaThatItChecksAgainst() throws IOException {
        assertThat(DefinitionParser.schema().getSchema().toStringUtf8())
                .isEqualTo(Files.readString(Path.of("../docs/definition.schema.json")));
    }

    @Test
    void shouldGiveTheSameHashHoweverItIsWritten() {
        String other = """
                {"skills":[{"inputSchema":{"required":["url"],"type":"object"},"version":"2.0.0","name":"research.read"}],
                "version":"1.2.0","tags":{"team":"r"},"slots":3,"description":"Reads.","name":"research.reader"}""";

        assertThat(parse(other).contentHash()).isEqualTo(parse(GOOD).contentHash());
        assertThat(parse(GOOD.replace("Reads.", "reads.")).contentHash())
                .isNotEqualTo(parse(GOOD).contentHash());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"name\": \"research.reader\", |  | 'name'",
                "1.2.0 | 1.2 | /version",
                "\"research.reader\" | 7 | /name",
                "\"slots\": 3 | \"slots\": 0 | /slots",
                "\"slots\" | \"slotz\" | slotz",
                "\"type\": \"object\" | \"type\": \"objekt\" | /skills/0/inputSchema",
                "\"type\": \"object\" | \"$ref\": \"http://127.0.0.1:1/x\" | /skills/0/inputSchema: $ref",
                "\"type\": \"object\" | \"items\": {\"$ref\": \"file:///etc/hostname\"} | /skills/0/inputSchema: $ref",
                "\"type\": \"object\" | \"$ref\": \"#/$defs/nowhere\" | /skills/0/inputSchema",
                "\"type\": \"object\" | \"$schema\": \"http://127.0.0.1:1/dialect\" | /skills/0/inputSchema",
                "{\"team\": \"r\"} | {\"team\": 1} | /tags/team"
            })
    void shouldNameThePlaceOfAFault(String from, String to, String place) {
        assertThatThrownBy(() -> parse(GOOD.replace(from, to == null ? "" : to)))
                .isInstanceOfSatisfying(ServiceException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.SCHEMA_INVALID);
                    assertThat(e.getMessage()).contains(place);
                });
    }

    /** The catalogue reads a stored document again at every start of a node. */
    @Test
    void shouldReadItsOwnDocumentAgainAsTheSameDefinition() {
        Definition definition =
                parse(GOOD.replace("\"type\": \"object\"", "\"maximum\": 1.50, \"const\": \"\\u001f\\u00e9\""));

        assertThat(parse(definition.document())).isEqualTo(definition);
    }

    @Test
    void shouldTakeEveryTypeOfTheReferenceFleet() {
        for (ReferenceFleet.AgentType type : ReferenceFleet.full().types()) {
            Definition definition = parse(type.document());

            assertThat(definition.reference()).isEqualTo(type.reference());
            assertThat(definition.tags()).containsEntry("population", type.population());
        }
    }

    @Test
    void shouldFillInWhatIsLeftOut() {
        Definition definition = parse("{\"name\":\"a\",\"version\":\"0.1.0\",\"skills\":[{\"name\":\"s\"}]}");

        assertThat(definition.slots()).isEqualTo(1);
        assertThat(definition.tags()).isEmpty();
        assertThat(definition.description()).isEmpty();
        assertThat(definition.skills()).singleElement().satisfies(skill -> {
            assertThat(skill.reference()).isEqualTo("s@1.0.0");
            assertThat(skill.inputSchema()).isEmpty();
            assertThat(skill.outputSchema()).isEmpty();
        });
    }

    /** Input and output are hashed apart: moving a schema from one to the other is another skill. */
    @Test
    void shouldTellInputFromOutputInTheHashOfASkill() {
        String output = GOOD.replace("inputSchema", "outputSchema");

        assertThat(parse(output).skills().getFirst().schemaHash())
                .isNotEqualTo(parse(GOOD).skills().getFirst().schemaHash());
        assertThat(parse(GOOD.replace("Reads.", "Else.")).skills().getFirst().schemaHash())
                .as("what is said of the agent is not of the skill")
                .isEqualTo(parse(GOOD).skills().getFirst().schemaHash());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.0-0",
                "1.2.0-alpha",
                "1.2.0-alpha.1",
                "1.2.0-0a.00b",
                "1.2.0--",
                "1.2.0-20300101123456",
                "1.2.0+build.001",
                "1.2.0-rc.1+0123456789abcdef",
                "999999999.0.999999999"
            })
    void shouldTakeEveryVersionOfTheStandard(String version) {
        assertThat(parse(GOOD.replace("1.2.0", version)).reference()).isEqualTo("research.reader@" + version);
        assertThat(parse(GOOD.replace("2.0.0", version)).skills().getFirst().reference())
                .isEqualTo("research.read@" + version);
    }

    /** Some of these passed the schema and were no version afterwards; the last one cannot be compared. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2",
                "01.2.0",
                "1.2.00",
                "v1.2.0",
                " 1.2.0",
                "1.2.0-",
                "1.2.0+",
                "1.2.0-01",
                "1.2.0-a..b",
                "1.2.0-.",
                "1.2.0-a.",
                "1.2.0+..",
                "1.2.0+a+b",
                "1.2.0-\u00e9",
                "2147483648.0.0",
                "1.2.0-9999999999999999999"
            })
    void shouldRefuseWhatIsNoVersion(String version) {
        for (String document : List.of(GOOD.replace("1.2.0", version), GOOD.replace("2.0.0", version))) {
            assertThatThrownBy(() -> parse(document))
                    .isInstanceOfSatisfying(
                            ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.SCHEMA_INVALID))
                    .hasMessageContaining("version");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\": | [\"type\":",
                "\"slots\": 3 | \"slots\": 3, \"slots\": 3",
                "\"type\": \"object\" | \"const\": 1e400",
                "\"type\": \"object\" | \"examples\": [-1e309]",
                "\"type\": \"object\" | \"const\": \"\\ud800\"",
                "Reads. | \\udc00",
                "\"tags\" | } \"tags\""
            })
    void shouldRefuseWhatIsNotJsonForEverybody(String from, String to) {
        assertThatThrownBy(() -> parse(GOOD.replace(from, to)))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
    }

    @Test
    void shouldRefuseADocumentThatIsTooBigOrTooDeep() {
        assertThatThrownBy(() -> parse(" ".repeat(1024 * 1024 + 1)))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
        assertThat(parse(GOOD + " ".repeat(1024 * 1024 - GOOD.length()))).isEqualTo(parse(GOOD));
        String deep = "{\"not\":".repeat(10_000) + "true" + "}".repeat(10_000);
        assertThatThrownBy(() -> parse(GOOD.replace("\"type\": \"object\"", "\"not\": " + deep)))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(Code.MALFORMED));
    }

    /** What the parser keeps of one definition must not reach the next. */
    @Test
    void shouldKeepSchemasOfOneIdApart() {
        String one = GOOD.replace("\"type\": \"object\"", "\"$id\": \"http://x/y\", \"type\": \"object\"");
        String other = GOOD.replace(
                "\"type\": \"object\"",
                "\"$id\": \"http://x/y\", \"$defs\": {\"a\": {\"type\": \"object\"}}, \"$ref\": \"#/$defs/a\"");

        assertThat(parse(one).skills().getFirst().schemaHash())
                .isNotEqualTo(parse(other).skills().getFirst().schemaHash());
        assertThatThrownBy(() -> parse(other.replace("#/$defs/a", "#/$defs/b"))).isInstanceOf(ServiceException.class);
    }

    /** A property may have any name; only what refers counts. */
    @Test
    void shouldTakePropertiesThatAreCalledLikeReferences() {
        String named = GOOD.replace(
                "\"type\": \"object\"",
                "\"properties\": {\"$ref\": {\"type\": \"string\"}, \"$schema\": {\"type\": \"string\"}}");

        assertThat(parse(named).skills()).hasSize(1);
    }

    @Test
    void shouldTakeASchemaThatRefersToItself() {
        String own = GOOD.replace(
                "\"type\": \"object\"", "\"$defs\": {\"a\": {\"type\": \"object\"}}, \"$ref\": \"#/$defs/a\"");

        assertThat(parse(own).skills()).hasSize(1);
    }

    @Test
    void shouldRefuseASkillThatIsDeclaredTwice() {
        String twice = GOOD.replace("\"skills\": [", "\"skills\": [{\"name\": \"research.read\"}, ");

        assertThatThrownBy(() -> parse(twice)).hasMessageContaining("declared twice");
    }

    @Test
    void shouldRaiseItsOwnErrorOnlyWhateverComes() {
        byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (long seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) (32 + random.nextInt(95));
            }
            try {
                parser.parse(bytes);
            } catch (ServiceException expected) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + new String(bytes, StandardCharsets.UTF_8), e);
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }
}
