package io.signalbox.verticles.registry.reference;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReferenceFleetTest {
    private static Map<String, Integer> populations(ReferenceFleet fleet) {
        return fleet.types().stream()
                .collect(Collectors.groupingBy(AgentType::population, Collectors.summingInt(AgentType::agents)));
    }

    @Test
    void shouldHaveTwentyTypesInFourPopulations() {
        ReferenceFleet fleet = ReferenceFleet.full();

        assertThat(fleet.types()).hasSize(20);
        assertThat(populations(fleet).values()).containsExactlyInAnyOrder(12_592, 8_407, 5_401, 3_600);
    }

    @Test
    void shouldKeepTheSharesWhenScaled() {
        assertThat(populations(ReferenceFleet.scaledTo(300)).values()).containsExactlyInAnyOrder(126, 84, 54, 36);
        assertThat(ReferenceFleet.scaledTo(300).types()).allMatch(type -> type.agents() > 0);
    }

    @Test
    void shouldHaveExamplesThatFitTheirSchemas() {
        JsonMapper mapper = JsonMapper.builder().build();
        SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        for (AgentType type : ReferenceFleet.full().types()) {
            JsonNode skills = mapper.readTree(type.document()).path("skills");
            assertThat(type.skills()).as(type.name()).hasSize(skills.size());
            for (int i = 0; i < skills.size(); i++) {
                JsonNode input = skills.get(i).path("inputSchema");
                JsonNode output = skills.get(i).path("outputSchema");
                JsonNode exampleInput = mapper.readTree(type.skills().get(i).exampleInput());
                JsonNode exampleOutput = mapper.readTree(type.skills().get(i).exampleOutput());
                assertThat(schemas.getSchema(input).validate(exampleInput))
                        .as(type.name())
                        .isEmpty();
                assertThat(schemas.getSchema(output).validate(exampleOutput))
                        .as(type.name())
                        .isEmpty();
            }
        }
    }
}
