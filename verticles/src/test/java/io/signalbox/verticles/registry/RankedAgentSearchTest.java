package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.internal.AgentSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankedAgentSearchTest {
    private static final Map<String, Integer> SCORES =
            Map.of("near@1.0.0", 9_000, "near@2.0.0", 7_000, "far@1.0.0", -20, "same@1.0.0", 7_000);

    private final AgentDirectory directory = new AgentDirectory("n1", 100_000, new FleetDirectives());

    private void add(String id, String definition, String region) {
        assertThat(directory.replicate(Agents.agent(id, definition, Map.of("region", region))))
                .isPresent();
    }

    private RankedAgentSearch page(AgentSelector selector, Optional<RankedPlace> cursor, int limit) {
        RankedAgentSearch search =
                new RankedAgentSearch(directory, selector, AgentQuery.of(selector), SCORES, cursor, limit);
        while (!search.step()) {}
        return search;
    }

    private List<String> all(AgentSelector selector, int limit) {
        List<String> all = new ArrayList<>();
        Optional<String> cursor = Optional.of("");
        while (cursor.isPresent()) {
            RankedAgentSearch page = page(selector, RankedPlace.parse(cursor.get()), limit);
            page.found().forEach(agent -> all.add(agent.id()));
            assertThat(page.scores()).hasSameSizeAs(page.found());
            cursor = page.nextCursor();
        }
        return all;
    }

    @Test
    void shouldGiveThoseOfTheNearestDefinitionsFirstWhateverThePageSize() {
        add("a", "far@1.0.0", "eu");
        add("b", "near@2.0.0", "eu");
        add("c", "near@1.0.0", "us");
        add("d", "near@1.0.0", "eu");
        add("e", "", "eu");
        add("f", "same@1.0.0", "eu");
        add("g", "unread@1.0.0", "eu");
        add("h", "near@1.0.0", "eu");
        AgentSelector every = AgentSelector.getDefaultInstance();

        for (int limit = 1; limit < 8; limit++) {
            assertThat(all(every, limit)).as("pages of " + limit).containsExactly("c", "d", "h", "b", "f", "a");
        }
        assertThat(page(every, Optional.empty(), 5).scores()).containsExactly(9_000, 9_000, 9_000, 7_000, 7_000);
        assertThat(all(
                        AgentSelector.newBuilder()
                                .putTags("region", "eu")
                                .setType("near")
                                .build(),
                        2))
                .containsExactly("d", "h", "b");
    }

    @Test
    void shouldGoOnAcrossStepsAndPages() {
        Random random = new Random(1);
        List<String> definitions = List.copyOf(SCORES.keySet());
        IntStream.range(0, 4_000)
                .forEach(i -> add("a" + i, definitions.get(random.nextInt(definitions.size())), "r" + i % 7));

        AgentSelector selector =
                AgentSelector.newBuilder().putTags("region", "r3").build();

        assertThat(all(selector, 100)).doesNotHaveDuplicates().hasSize((int)
                directory.after("").filter(AgentQuery.of(selector)::matches).count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "1", "x a b", "123456 a b"})
    void shouldRefuseTheCursorOfAnotherList(String cursor) {
        assertThatThrownBy(() -> RankedPlace.parse(cursor)).isInstanceOf(ServiceException.class);
    }
}
