package io.signalbox.verticles.registry.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReferenceDefinitionsTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final List<JsonNode> definitions =
            ReferenceDefinitions.documents().stream().map(MAPPER::readTree).toList();

    @Test
    void shouldBeMoreThanAThousandVersionsOfDifferentTypes() {
        assertThat(definitions).hasSize(20 + 20 * 17 * 3);
        assertThat(definitions.stream()
                        .map(each -> each.path("name").asString() + "@"
                                + each.path("version").asString()))
                .doesNotHaveDuplicates();
        assertThat(definitions.stream()
                        .map(each -> each.path("description").asString())
                        .distinct())
                .as("one for each name")
                .hasSize(20 + 20 * 17);
    }

    @Test
    void shouldBeTheSameEachTime() {
        assertThat(ReferenceDefinitions.documents()).isEqualTo(ReferenceDefinitions.documents());
    }

    /** Else they could not all be published. */
    @Test
    void shouldGiveEachVersionOfASkillOnePairOfSchemas() {
        Map<String, String> schemas = new HashMap<>();
        for (JsonNode definition : definitions) {
            for (JsonNode skill : definition.path("skills")) {
                String reference = skill.path("name").asString() + "@"
                        + skill.path("version").asString();
                String both = skill.path("inputSchema") + " " + skill.path("outputSchema");
                assertThat(schemas.merge(reference, both, (before, now) -> before))
                        .isEqualTo(both);
            }
        }
        assertThat(schemas).hasSizeGreaterThan(300);
    }
}
