package io.signalbox.verticles.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeenRoundTest {
    private static final int PARTS = 25;

    private final TreeMap<String, LiveAgent> agents = new TreeMap<>();
    private final SeenRound round = new SeenRound(PARTS);
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private void attach(int count) {
        IntStream.range(0, count).mapToObj("a%05d"::formatted).forEach(id -> agents.put(id, heard(id)));
    }

    private LiveAgent heard(String id) {
        return Agents.agent(id, "", Map.of()).heardAt(now);
    }

    private List<LiveAgent> after(String id, int limit) {
        return agents.tailMap(id, false).values().stream().limit(limit).toList();
    }

    private List<LiveAgent> part() {
        now = now.plusMillis(200);
        return round.next(this::after, agents.size(), now);
    }

    private List<String> round() {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < PARTS; i++) {
            List<LiveAgent> part = part();
            assertThat(part).hasSizeLessThanOrEqualTo(Math.max(1, Math.ceilDiv(agents.size(), PARTS)));
            part.forEach(agent -> told.add(agent.id()));
        }
        return told;
    }

    @Test
    void shouldTellOfAllThatWereHeardOnceInARound() {
        attach(10_010);

        assertThat(round()).containsExactlyElementsOf(agents.keySet());
    }

    @Test
    void shouldTellAgainOnlyOfThoseThatWereHeardAgain() {
        attach(100);
        round();
        round();
        agents.put("a00042", heard("a00042"));
        agents.put("a00077", heard("a00077"));

        assertThat(round()).containsExactly("a00042", "a00077");
        round();
        assertThat(round()).isEmpty();
    }

    /** Heard just after its turn, it must not wait for a heartbeat more. */
    @Test
    void shouldTellInTheNextRoundOfOneThatWasHeardAfterItsTurn() {
        attach(50);
        round();
        round();
        part();
        agents.put("a00000", heard("a00000"));
        List<String> told = new ArrayList<>();
        for (int i = 1; i < PARTS; i++) {
            part().forEach(agent -> told.add(agent.id()));
        }

        assertThat(told).isEmpty();
        assertThat(round()).containsExactly("a00000");
    }

    @Test
    void shouldTellOfNoMoreThanABoundedPartAtATime() {
        attach(60_000);

        for (int i = 0; i < 30; i++) {
            assertThat(part()).hasSize(SeenRound.MAX_PART);
        }
    }

    @Test
    void shouldTellNothingWithoutAgents() {
        assertThat(round()).isEmpty();
    }
}
