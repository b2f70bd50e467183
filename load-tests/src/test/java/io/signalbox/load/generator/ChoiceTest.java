package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.signalbox.load.dialect.Stamp;
import io.signalbox.load.generator.Order.Traffic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChoiceTest {
    private static final int DRAWS = 200_000;

    private record Pair(int from, int to) {}

    private static List<Pair> draw(Traffic traffic, Order.Connect order, long seed, int draws) {
        Choice choice = Choice.of(traffic, order, new SplittableRandom(seed));
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < draws; i++) {
            choice.next();
            pairs.add(new Pair(choice.from(), choice.to()));
        }
        return pairs;
    }

    private static Layout.Node nodeOf(Layout layout, int agent) {
        return layout.nodeOf(layout.connectionOf(agent));
    }

    @ParameterizedTest
    @EnumSource(names = {"PAIRS", "REQUESTS", "MIXED"})
    void shouldSendFromThisProcessToOthersOfTheSameNode(Traffic traffic) {
        for (Layout layout :
                List.of(Layouts.layout(1, 40, 1), Layouts.layout(3, 100, 1), Layouts.layout(3, 1_000, 7))) {
            int first = layout.connections() / 3;
            int connections = layout.connections() / 2;
            for (long seed : new long[] {1, 2, 3}) {
                assertThat(draw(traffic, Layouts.order(layout, first, connections), seed, 20_000))
                        .as("seed %d", seed)
                        .allSatisfy(pair -> {
                            assertThat(layout.connectionOf(pair.from())).isBetween(first, first + connections - 1);
                            assertThat(pair.to())
                                    .isBetween(0, layout.agents() - 1)
                                    .isNotEqualTo(pair.from());
                            assertThat(nodeOf(layout, pair.to())).isEqualTo(nodeOf(layout, pair.from()));
                        });
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,20,1", "1,20,4", "2,20,1"})
    void shouldPickAllPairsOfANodeAlikeOften(int nodes, int agents, int perConnection) {
        Layout layout = Layouts.layout(nodes, agents, perConnection);
        Map<Pair, Integer> counts = new HashMap<>();

        draw(Traffic.PAIRS, Layouts.order(layout), 7, DRAWS).forEach(pair -> counts.merge(pair, 1, Integer::sum));

        int perNode = agents / nodes;
        assertThat(counts).hasSize(agents * (perNode - 1));
        double mean = (double) DRAWS / counts.size();
        assertThat(counts.values())
                .allSatisfy(count -> assertThat((double) count).isBetween(mean * 0.7, mean * 1.3));
    }

    /** With three agents on two nodes one of them has nobody to talk to but itself. */
    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldNotSearchForeverForAnotherAgentOnANodeWithOne() {
        assertThat(draw(Traffic.PAIRS, Layouts.order(Layouts.layout(2, 3, 1)), 1, 1_000))
                .contains(new Pair(1, 1), new Pair(0, 2), new Pair(2, 0))
                .doesNotContain(new Pair(0, 0), new Pair(2, 2));
    }

    @Test
    void shouldSendToAllFromTheFirstAgentOfTheProcess() {
        Layout layout = Layouts.layout(1, 100, 10);

        assertThat(draw(Traffic.FAN_OUT, Layouts.order(layout, 3, 2), 1, 5)).containsOnly(new Pair(30, Stamp.TO_ALL));
    }

    @ParameterizedTest
    @CsvSource({"60,50", "1000,50", "15,5", "11,1"})
    void shouldSendFromFiftyToTen(int agents, int senders) {
        Map<Pair, Integer> counts = new HashMap<>();

        draw(Traffic.HOT, Layouts.order(Layouts.layout(1, agents, 1)), 1, senders * 10 * 3)
                .forEach(pair -> counts.merge(pair, 1, Integer::sum));

        Set<Pair> expected = new HashSet<>();
        for (int from = 0; from < senders; from++) {
            for (int to = 0; to < 10; to++) {
                expected.add(new Pair(10 + from, to));
            }
        }
        assertThat(counts.keySet()).isEqualTo(expected);
        assertThat(counts.values()).containsOnly(3);
    }

    @Test
    void shouldRefuseHotReceiversWithoutSenders() {
        assertThatThrownBy(() -> draw(Traffic.HOT, Layouts.order(Layouts.layout(1, 10, 1)), 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 agents");
    }

    @Test
    void shouldStreamFromEachConnectionToTheNext() {
        Layout layout = Layouts.layout(1, 25, 10);

        List<Pair> pairs = draw(Traffic.STREAM, Layouts.order(layout), 1, 3_000);

        for (int i = 0; i < pairs.size(); i++) {
            assertThat(layout.connectionOf(pairs.get(i).from())).isEqualTo(i % 3);
            assertThat(layout.connectionOf(pairs.get(i).to())).isEqualTo((i + 1) % 3);
        }
        assertThat(pairs.stream().map(Pair::from).distinct()).hasSize(25);
        assertThat(pairs.stream().map(Pair::to).distinct()).hasSize(25).allMatch(to -> to < 25);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 3_000, 19_000, 30_000, 60_000})
    void shouldScaleThePopulationsToTheAgents(int agents) {
        int[] counts = new int[Populations.ALL.size()];

        for (int agent = 0; agent < agents; agent++) {
            counts[Populations.populationOf(agent, agents)]++;
        }

        for (int i = 0; i < counts.length; i++) {
            double expected = Populations.ALL.get(i).agents() * (agents / 30_000.0);
            assertThat((double) counts[i]).isCloseTo(expected, within(Math.max(1.5, expected * 0.03)));
        }
    }

    @Test
    void shouldSpreadEachPopulationOverTheConnections() {
        // Of every hundred neighbours a population has its part, give or take a few.
        for (int begin = 0; begin < 30_000; begin += 100) {
            int research = 0;
            for (int agent = begin; agent < begin + 100; agent++) {
                research += Populations.populationOf(agent, 30_000) == 0 ? 1 : 0;
            }
            assertThat(research).isBetween(32, 52);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void shouldLetEachPopulationSpeakInItsRhythmToItsPartner(long seed) {
        Layout layout = Layouts.layout(2, 3_000, 1);
        long[] sent = new long[Populations.ALL.size()];

        for (Pair pair : draw(Traffic.MIXED, Layouts.order(layout), seed, DRAWS)) {
            int population = Populations.populationOf(pair.from(), 3_000);
            sent[population]++;
            assertThat(Populations.populationOf(pair.to(), 3_000))
                    .isEqualTo(Populations.ALL.get(population).partner());
        }

        double perMinute = Populations.rate(3_000) * 60;
        for (int i = 0; i < sent.length; i++) {
            Populations.Population population = Populations.ALL.get(i);
            double share = population.agents() / 10.0 * population.perMinute() / perMinute;
            assertThat((double) sent[i] / DRAWS)
                    .as("seed %d, %s", seed, population)
                    .isCloseTo(share, within(0.01));
        }
    }

    @Test
    void shouldKnowTheFleetsRate() {
        double fleet = (12_592 * 4 + 8_407 * 8 + 5_401 * 15 + 3_600 * 30) / 60.0;

        assertThat(Populations.rate(30_000)).isCloseTo(fleet, within(1e-6));
        assertThat(Populations.rate(300)).isCloseTo(fleet / 100, within(1e-6));
    }
}
