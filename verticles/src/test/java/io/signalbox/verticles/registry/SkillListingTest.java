package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.SkillInfo;
import io.signalbox.codecs.proto.Skill;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SkillListingTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final DefinitionCatalog catalog = new DefinitionCatalog();
    private final AgentDirectory directory = new AgentDirectory("n1", 100, new FleetDirectives());
    private long generations;
    private final SkillListing listing = new SkillListing(catalog, directory);

    private LiveAgent attach(String id, String... skills) {
        List<Skill> brought = Stream.of(skills)
                .map(skill -> skill.split("@"))
                .map(parts -> Skill.newBuilder()
                        .setName(parts[0])
                        .setVersion(parts[1])
                        .build())
                .toList();
        AgentDirectory.Request request =
                new AgentDirectory.Request(id, "", brought, 1, Map.of(), "n1", "me", "session", List.of());
        return ((AgentDirectory.Outcome.Attached) directory.attach(request, ++generations, NOW)).agent();
    }

    private void declare(String definition, String skill, String version) {
        DefinitionCatalogTest.add(
                catalog, definition, "1.0.0", DefinitionCatalogTest.skill(skill, version, "declared"));
    }

    private String resolved(String name, String range) {
        return listing.resolve(name, SkillRange.parse(range))
                .map(SkillListing::cursor)
                .orElse("none");
    }

    private static List<String> cursors(List<SkillInfo> skills) {
        return skills.stream().map(SkillListing::cursor).toList();
    }

    @Test
    void shouldTellADeclaredSkillAndHowManyAgentsHaveIt() {
        declare("d", "read", "1.0.0");
        attach("a", "read@1.0.0", "read@1.1.0");
        attach("b", "read@1.0.0");

        assertThat(listing.after("", 10))
                .containsExactly(
                        SkillInfo.newBuilder()
                                .setName("read")
                                .setVersion("1.0.0")
                                .setDescription("declared")
                                .setAgents(2)
                                .build(),
                        SkillInfo.newBuilder()
                                .setName("read")
                                .setVersion("1.1.0")
                                .setAgents(1)
                                .build());
    }

    @Test
    void shouldForgetABroughtSkillWithItsLastAgentAndKeepADeclaredOne() {
        declare("d", "read", "1.0.0");
        LiveAgent first = attach("a", "write@1.0.0", "read@1.0.0");
        LiveAgent second = attach("b", "write@1.0.0");

        directory.change("a", first.generation(), Presence.PRESENCE_GONE, NOW);
        assertThat(cursors(listing.after("", 10))).containsExactly("read@1.0.0", "write@1.0.0");
        directory.change("b", second.generation(), Presence.PRESENCE_GONE, NOW);

        assertThat(cursors(listing.after("", 10))).containsExactly("read@1.0.0");
        assertThat(listing.after("", 10).getFirst().getAgents()).isZero();
        assertThat(resolved("write", "")).isEqualTo("none");
    }

    /** An agent that comes again with other skills has those alone. */
    @Test
    void shouldForgetTheSkillsOfARegistrationThatWasReplaced() {
        attach("a", "write@1.0.0");

        attach("a", "read@1.0.0");

        assertThat(cursors(listing.after("", 10))).containsExactly("read@1.0.0");
    }

    @ParameterizedTest
    @CsvSource({
        "read, '', read@2.0.0",
        "read, ^1, read@1.10.0",
        "read, ^3, read@3.5.0",
        "read, ^4, none",
        "write, '', write@1.10.0",
        "write, ~1.9, write@1.9.0",
        "write, 2.0.0, write@2.0.0+b",
        "wri, '', none",
        "write.more, '', write.more@9.0.0",
        "nobody, '', none"
    })
    void shouldResolveToTheHighestInTheRangeAndToDeclaredOnesFirst(String name, String range, String found) {
        declare("d1", "read", "1.10.0");
        declare("d2", "read", "1.9.0");
        declare("d3", "read", "2.0.0");
        attach("a", "read@3.5.0", "read@1.11.0", "write@1.9.0", "write@1.10.0", "write.more@9.0.0");
        if (range.equals("2.0.0")) {
            attach("b", "write@2.0.0", "write@2.0.0+b", "write@2.0.0+a");
        }

        assertThat(resolved(name, range)).isEqualTo(found);
    }

    /** Against one sorted map of everything. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldListEverySkillOnceByPagesOfAnySize(long seed) {
        Random random = new Random(seed);
        TreeMap<String, Integer> expected = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            String name = List.of("a", "a-b", "a.b", "a0", "b").get(random.nextInt(5));
            String version = random.nextInt(12) + ".0.0";
            if (random.nextBoolean()) {
                declare("d" + i, name, version);
                expected.merge(name + "@" + version, 0, Integer::sum);
            } else {
                attach("agent" + i, name + "@" + version);
                expected.merge(name + "@" + version, 1, Integer::sum);
            }
        }

        for (int limit = 1; limit <= expected.size() + 1; limit++) {
            List<SkillInfo> all = new ArrayList<>();
            List<SkillInfo> page = listing.after("", limit);
            while (!page.isEmpty()) {
                assertThat(page).hasSizeLessThanOrEqualTo(limit);
                all.addAll(page);
                page = listing.after(SkillListing.cursor(page.getLast()), limit);
            }
            assertThat(cursors(all)).as("seed " + seed).containsExactlyElementsOf(expected.keySet());
            assertThat(all.stream().map(SkillInfo::getAgents))
                    .as("seed " + seed)
                    .containsExactlyElementsOf(expected.values());
        }
    }
}
