package io.signalbox.verticles.registry.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7, 20, 299, 300, 30_000, 100_000, Integer.MAX_VALUE})
    void shouldHaveExactlyAsManyAgentsAsAskedFor(int agents) {
        ReferenceFleet fleet = ReferenceFleet.scaledTo(agents);

        assertThat(fleet.agents()).isEqualTo(agents);
        assertThat(fleet.types()).hasSize(20).allMatch(type -> type.agents() >= 0);
    }

    /** Largest remainder: nobody is more than one agent away from an exact share. */
    @Test
    void shouldStayWithinOneAgentOfTheExactShares() {
        Map<String, Integer> full = ReferenceFleet.full().populations();
        for (int agents = 0; agents < 2_000; agents += 13) {
            ReferenceFleet fleet = ReferenceFleet.scaledTo(agents);
            int size = agents;
            fleet.populations()
                    .forEach((population, share) -> assertThat((double) share)
                            .as("%s of %d", population, size)
                            .isCloseTo(size * full.get(population) / 30_000.0, within(1.0)));
            fleet.types().stream().collect(Collectors.groupingBy(AgentType::population)).values().stream()
                    .map(types -> types.stream().mapToInt(AgentType::agents).summaryStatistics())
                    .forEach(shares -> assertThat(shares.getMax() - shares.getMin())
                            .as("in a population of %d", size)
                            .isLessThanOrEqualTo(1));
        }
    }

    @Test
    void shouldBeItselfWhenScaledToItsSize() {
        assertThat(ReferenceFleet.scaledTo(30_000)).isEqualTo(ReferenceFleet.full());
    }

    @Test
    void shouldDescribeEveryTypeAsItsDocumentDoes() {
        JsonMapper mapper = JsonMapper.builder().build();
        List<AgentType> types = ReferenceFleet.full().types();
        for (AgentType type : types) {
            JsonNode document = mapper.readTree(type.document());
            assertThat(type.reference())
                    .isEqualTo(document.path("name").asString() + "@"
                            + document.path("version").asString());
            assertThat(document.path("tags").path("population").asString()).isEqualTo(type.population());
            assertThat(type.skills())
                    .as(type.name())
                    .extracting(ReferenceFleet.TypeSkill::name)
                    .containsExactlyElementsOf(document.path("skills")
                            .valueStream()
                            .map(skill -> skill.path("name").asString())
                            .toList());
        }
        assertThat(types).extracting(AgentType::name).doesNotHaveDuplicates();
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
