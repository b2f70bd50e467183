package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.codecs.internal.AgentQuestion;
import io.signalbox.codecs.internal.AgentSelector;
import io.signalbox.codecs.internal.Presence;
import io.signalbox.codecs.internal.Standing;
import io.signalbox.verticles.registry.AgentQuery.Finding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentSearchTest {
    private static final Map<String, String> DEFINITIONS = Map.of("t@1.0.0", "t@1.0.0\nreads old papers");
    private static final List<String> REGIONS = List.of("eu", "us");
    private static final List<String> SKILLS = List.of("read@1.0.0", "read@2.0.0", "write@1.0.0", "rare@1.0.0");

    private final AgentDirectory directory = new AgentDirectory("n1", 100_000, new FleetDirectives());

    private LiveAgent add(String id, String definition, Map<String, String> tags, String... skills) {
        LiveAgent agent = Agents.agent(id, definition, tags, skills);
        assertThat(directory.replicate(agent)).isPresent();
        return agent;
    }

    private AgentSearch search(AgentQuestion question, String cursor, int limit, boolean counts) {
        AgentQuery query = AgentQuery.of(question, reference -> DEFINITIONS.getOrDefault(reference, ""));
        return new AgentSearch(directory, question.getSelector(), query, cursor, limit, counts);
    }

    private AgentSearch done(AgentSearch search) {
        for (int steps = 0; !search.step(); steps++) {
            assertThat(steps).isLessThan(100);
        }
        return search;
    }

    private List<String> find(AgentQuestion.Builder question) {
        return done(search(question.build(), "", 1000, false)).found().stream()
                .map(LiveAgent::id)
                .toList();
    }

    private static AgentQuestion.Builder selecting(AgentSelector.Builder selector) {
        return AgentQuestion.newBuilder().setSelector(selector);
    }

    private static AgentQuestion random(Random random) {
        AgentSelector.Builder selector = AgentSelector.newBuilder();
        if (random.nextBoolean()) {
            selector.setSkill(SKILLS.get(random.nextInt(SKILLS.size())).split("@")[0]);
        }
        if (random.nextBoolean()) {
            selector.putTags("region", REGIONS.get(random.nextInt(2)));
        }
        if (random.nextInt(4) == 0) {
            selector.setType("t");
        }
        if (random.nextInt(4) == 0) {
            IntStream.range(0, 5).forEach(i -> selector.addIds("a" + random.nextInt(60)));
        }
        return selecting(selector).build();
    }

    /** Against every agent looked at one by one, while others come, change and go between the pages. */
    @Test
    void shouldFindEachAgentThatStaysOnceWhateverHappensBetweenThePages() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            AgentQuestion question = random(random);
            AgentQuery query = AgentQuery.of(question, reference -> "");
            TreeMap<String, LiveAgent> there = new TreeMap<>();
            IntStream.range(0, 60).forEach(i -> there.put("a" + i, changed("a" + i, random)));
            TreeMap<String, LiveAgent> stays = new TreeMap<>(there);
            List<String> found = new ArrayList<>();
            String cursor = "";
            do {
                AgentSearch page = done(search(question, cursor, 1 + random.nextInt(9), random.nextBoolean()));
                page.found().forEach(agent -> found.add(agent.id()));
                page.count()
                        .ifPresent(count -> assertThat(count).isEqualTo((int)
                                there.values().stream().filter(query::matches).count()));
                cursor = page.nextCursor().orElse("");
                String moved = "a" + random.nextInt(70);
                stays.remove(moved);
                there.put(moved, changed(moved, random));
            } while (!cursor.isEmpty());

            assertThat(found).as("seed " + seed).doesNotHaveDuplicates().isSorted();
            assertThat(found.stream().filter(stays::containsKey))
                    .as("seed " + seed)
                    .containsExactlyElementsOf(stays.values().stream()
                            .filter(query::matches)
                            .map(LiveAgent::id)
                            .toList());
            there.values()
                    .forEach(agent ->
                            directory.change(agent.id(), agent.generation(), Presence.PRESENCE_GONE, Instant.EPOCH));
        }
    }

    private LiveAgent changed(String id, Random random) {
        directory
                .find(id)
                .ifPresent(old -> directory.change(id, old.generation(), Presence.PRESENCE_GONE, Instant.EPOCH));
        return add(
                id,
                random.nextInt(3) == 0 ? "t@1.0.0" : "",
                Map.of("region", REGIONS.get(random.nextInt(2))),
                SKILLS.get(random.nextInt(random.nextInt(10) == 0 ? 4 : 3)));
    }

    /** More than a step each. */
    @Test
    void shouldGoOnWhereAStepEnded() {
        IntStream.range(0, 5_000).forEach(i -> add("a%05d".formatted(i), "", Map.of("last", i % 2 == 0 ? "0" : "1")));
        AgentQuestion odd =
                selecting(AgentSelector.newBuilder().putTags("last", "1")).build();

        AgentSearch search = search(odd, "a04990", 3, true);

        assertThat(search.step()).isFalse();
        done(search);
        assertThat(search.found().stream().map(LiveAgent::id)).containsExactly("a04991", "a04993", "a04995");
        assertThat(search.count()).hasValue(2_500);
        assertThat(search.nextCursor()).contains("a04995");
        assertThat(done(search(odd, "a04995", 2, false)).nextCursor())
                .as("exactly the rest")
                .isEmpty();
    }

    /** A scan is what would take long: what is rare is found in the first step. */
    @Test
    void shouldLookOnlyAtThoseThatCanBeMeant() {
        IntStream.range(0, 5_000)
                .forEach(i -> add("a%05d".formatted(i), "t@1.0.0", Map.of("region", "eu"), "read@1.0.0"));
        add("a09999", "t@1.0.0", Map.of("region", "eu"), "read@1.0.0", "rare@1.0.0");
        AgentSelector.Builder rare = AgentSelector.newBuilder()
                .setType("t")
                .putTags("region", "eu")
                .setNode("n1")
                .setSkill("rare");

        AgentSearch search = search(selecting(rare).build(), "", 10, true);

        assertThat(search.step()).isTrue();
        assertThat(search.found().stream().map(LiveAgent::id)).containsExactly("a09999");
    }

    @ParameterizedTest
    @CsvSource({
        "'papers', true",
        "'PAPERS old', true",
        "'papers a-1', true",
        "'papers region=eu', true",
        "'papers fast', true",
        "'papers new', false",
        "'  ', true"
    })
    void shouldFindWhatHasEveryWord(String text, boolean found) {
        add("A-1", "t@1.0.0", Map.of("region", "eu"), "read.fast@1.0.0");

        assertThat(find(AgentQuestion.newBuilder().setText(text))).hasSize(found ? 1 : 0);
    }

    @Test
    void shouldFindByPresenceAndStanding() {
        LiveAgent lost = add("lost", "", Map.of());
        add("here", "", Map.of());
        directory.change("lost", lost.generation(), Presence.PRESENCE_SUSPENDED, Instant.EPOCH);

        assertThat(find(AgentQuestion.newBuilder().setPresence(Presence.PRESENCE_SUSPENDED)))
                .containsExactly("lost");
        assertThat(find(AgentQuestion.newBuilder().setStanding(Standing.STANDING_ACTIVE)))
                .containsExactly("here", "lost");
        assertThat(find(AgentQuestion.newBuilder().setStanding(Standing.STANDING_PAUSED)))
                .isEmpty();
    }

    @Test
    void shouldExplainWhichWordsAreMissing() {
        LiveAgent agent = add("a", "t@1.0.0", Map.of());
        AgentQuery query = AgentQuery.of(
                AgentQuestion.newBuilder()
                        .setText("new papers")
                        .setPresence(Presence.PRESENCE_SUSPENDED)
                        .build(),
                DEFINITIONS::get);

        assertThat(query.explain(agent))
                .containsExactly(
                        new Finding("state", "suspended", "connected", false),
                        new Finding("text", "new papers", "not new", false));
        assertThat(Stream.of(query).noneMatch(each -> each.matches(agent))).isTrue();
    }
}
