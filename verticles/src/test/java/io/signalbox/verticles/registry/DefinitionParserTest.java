package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
