package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.verticles.registry.Definition.DeclaredSkill;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semver4j.Semver;

class DefinitionCatalogTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final DefinitionCatalog catalog = new DefinitionCatalog();

    static DeclaredSkill skill(String name, String version, String description) {
        return new DeclaredSkill(name, Semver.parse(version), description, "", "", "hash");
    }

    static void add(DefinitionCatalog catalog, String name, String version, DeclaredSkill... skills) {
        Definition definition =
                new Definition(name, Semver.parse(version), "", List.of(skills), 1, Map.of(), "{}", "hash");
        catalog.add(definition, new DefinitionStore.Stored(name, version, "hash", "{}", "tester", NOW));
    }

    private void add(String name, String... versions) {
        Arrays.stream(versions).forEach(version -> add(catalog, name, version));
    }

    private static List<String> references(List<DefinitionCatalog.Entry> entries) {
        return entries.stream().map(entry -> entry.definition().reference()).toList();
    }

    private String found(String reference) {
        return catalog.find(reference)
                .map(entry -> entry.definition().reference())
                .orElse("none");
    }

    @ParameterizedTest
    @CsvSource({
        "a, a@10.0.0",
        "a@1.0.0, a@1.0.0",
        "a@9.0.0, a@9.0.0",
        "a@1.0.0-rc.1, a@1.0.0-rc.1",
        "a@1.0.0+one, a@1.0.0+one",
        "a@1.0.0+two, a@1.0.0+two",
        "a@1.0.0+three, none",
        "a@1.0.0-rc.2, none",
        "a@2.0.0, none",
        "a@, none",
        "a@nonsense, none",
        "A, none",
        "ab, none",
        "'', none",
        "@1.0.0, none"
    })
    void shouldFindExactlyTheVersionThatIsMeant(String reference, String found) {
        add("a", "1.0.0+one", "9.0.0", "1.0.0", "10.0.0", "1.0.0-rc.1", "1.0.0+two");
        add("b", "2.0.0");

        assertThat(found(reference)).isEqualTo(found);
    }

    /** They have one rank, but a version never changes: neither takes the place of the other. */
    @Test
    void shouldKeepVersionsThatDifferInTheirBuildAlone() {
        add("a", "1.0.0+two", "1.0.0", "1.0.0+one");

        assertThat(catalog.size()).isEqualTo(3);
        assertThat(references(catalog.versions("a", "", 10))).containsExactly("a@1.0.0+two", "a@1.0.0+one", "a@1.0.0");
        assertThat(references(catalog.versions("a", "1.0.0+one", 10))).containsExactly("a@1.0.0");
    }

    @Test
    void shouldListVersionsHighestFirstByPages() {
        add("a", "1.0.0", "10.0.0", "9.0.0", "1.0.0-rc.1", "1.0.0-rc.10", "1.0.0-rc.9");
        add("aa", "3.0.0");

        List<String> first = references(catalog.versions("a", "", 3));
        List<String> rest = references(catalog.versions("a", "1.0.0", 9));

        assertThat(first).containsExactly("a@10.0.0", "a@9.0.0", "a@1.0.0");
        assertThat(rest).containsExactly("a@1.0.0-rc.10", "a@1.0.0-rc.9", "a@1.0.0-rc.1");
        assertThat(references(catalog.versions("a", "2.0.0", 1)))
                .as("no one has it")
                .containsExactly("a@1.0.0");
        assertThat(catalog.versions("a", "1.0.0-rc.1", 9)).isEmpty();
        assertThat(catalog.versions("nobody", "", 9)).isEmpty();
    }

    @Test
    void shouldListTheHighestOfEachNameByPages() {
        add("b", "1.0.0", "1.1.0");
        add("a", "2.0.0", "1.0.0");
        add("a.b", "1.0.0");
        add("c", "1.0.0");

        assertThat(references(highest("", 2))).containsExactly("a@2.0.0", "a.b@1.0.0");
        assertThat(references(highest("a.b", 9))).containsExactly("b@1.1.0", "c@1.0.0");
        assertThat(references(highest("bb", 9))).as("no one has it").containsExactly("c@1.0.0");
        assertThat(highest("c", 9)).isEmpty();
    }

    @Test
    void shouldKeepASkillAsItWasDeclaredFirst() {
        add(catalog, "a", "1.0.0", skill("s", "1.0.0", "first"));
        add(catalog, "b", "1.0.0", skill("s", "1.0.0", "second"), skill("s2", "1.0.0", "other"));

        assertThat(catalog.skillsAfter("").map(DeclaredSkill::description)).containsExactly("other", "first");
        assertThat(catalog.resolve("s", SkillRange.parse("")).map(DeclaredSkill::description))
                .contains("first");
    }

    @ParameterizedTest
    @CsvSource({"'', 2.1.0", "^1, 1.10.0", "~1.9, 1.9.5", ">=1 <1.9.5, 1.9.0", "^3, none", ">=3.0.0-a, 3.0.0-rc.1"})
    void shouldResolveASkillToTheHighestVersionInTheRange(String range, String version) {
        for (String declared : List.of("1.9.0", "2.1.0", "1.10.0", "3.0.0-rc.1", "1.9.5", "2.0.0")) {
            add(catalog, "a", declared, skill("s", declared, ""), skill("other", "9.0.0", ""));
        }

        assertThat(catalog.resolve("s", SkillRange.parse(range))
                        .map(skill -> skill.version().toString())
                        .orElse("none"))
                .isEqualTo(version);
        assertThat(catalog.resolve("nobody", SkillRange.parse(range))).isEmpty();
    }

    /** Against lists that are searched from end to end. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldAgreeWithANaiveListWhateverIsPublished(long seed) {
        Random random = new Random(seed);
        List<Definition> all = new ArrayList<>();
        for (int step = 0; step < 150; step++) {
            String version = random.nextInt(3) + "." + random.nextInt(12) + "." + random.nextInt(2)
                    + List.of("", "-rc.1", "-rc.11", "+b").get(random.nextInt(4));
            String name = "n" + random.nextInt(4);
            if (all.stream().noneMatch(known -> known.reference().equals(name + "@" + version))) {
                add(catalog, name, version);
                all.add(catalog.find(name, version).orElseThrow().definition());
            }
            assertAgrees(all, "n" + random.nextInt(5), 1 + random.nextInt(5), "seed " + seed + ", step " + step);
        }
    }

    private void assertAgrees(List<Definition> all, String name, int limit, String where) {
        List<String> versions = all.stream()
                .filter(definition -> definition.name().equals(name))
                .sorted(Comparator.comparing(Definition::version)
                        .thenComparing(definition -> definition.version().toString())
                        .reversed())
                .map(Definition::reference)
                .toList();
        List<String> paged = new ArrayList<>();
        List<DefinitionCatalog.Entry> page = catalog.versions(name, "", limit);
        while (!page.isEmpty()) {
            paged.addAll(references(page));
            page = catalog.versions(name, page.getLast().stored().version(), limit);
        }
        assertThat(paged).as(where).isEqualTo(versions);
        assertThat(catalog.find(name).map(entry -> entry.definition().reference()))
                .as(where)
                .isEqualTo(versions.isEmpty() ? Optional.empty() : Optional.of(versions.getFirst()));
        assertThat(references(highest("", 100)).stream()
                        .map(reference -> reference.split("@")[0]))
                .as(where)
                .containsExactlyElementsOf(
                        new TreeSet<>(all.stream().map(Definition::name).toList()));
        assertThat(catalog.size()).as(where).isEqualTo(all.size());
    }

    private List<DefinitionCatalog.Entry> highest(String cursor, int limit) {
        return catalog.namesAfter(cursor)
                .limit(limit)
                .map(versions -> versions.iterator().next())
                .toList();
    }
}
