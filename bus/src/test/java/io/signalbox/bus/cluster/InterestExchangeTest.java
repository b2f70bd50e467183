package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.InterestExchange.Effect;
import io.signalbox.bus.cluster.InterestExchange.Effect.Diverged;
import io.signalbox.bus.cluster.InterestExchange.Effect.InterestChanged;
import io.signalbox.bus.cluster.InterestExchange.Effect.Send;
import io.signalbox.bus.cluster.InterestFrame.Ask;
import io.signalbox.bus.cluster.InterestFrame.Change;
import io.signalbox.bus.cluster.InterestFrame.Delta;
import io.signalbox.bus.cluster.InterestFrame.Probe;
import io.signalbox.bus.cluster.InterestFrame.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterestExchangeTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final PatternInterest GROUP = PatternInterest.of(false, List.of(new PatternInterest.Group("g", 3)));

    private final InterestExchange exchange = new InterestExchange(pattern -> !pattern.startsWith("$own"));

    private static List<InterestFrame> sent(List<Effect> effects) {
        return effects.stream()
                .filter(Send.class::isInstance)
                .map(effect -> ((Send) effect).frame())
                .toList();
    }

    private static Change change(String pattern, PatternInterest now) {
        return new Change(pattern, now);
    }

    private static Delta delta(long sequence, String pattern) {
        return new Delta(sequence, List.of(change(pattern, PatternInterest.PLAIN)));
    }

    /** The number of the request with which the snapshot was asked for. */
    private static long request(List<Effect> effects) {
        return ((Ask) sent(effects).getFirst()).request();
    }

    /** Up, and known to have nothing as of the sequence number. */
    private void bringUp(String peer, long sequence) {
        long request = request(exchange.peerUp(peer, NOW));
        exchange.received(peer, new Snapshot(request, sequence, 0, true, List.of()), NOW);
    }

    @Test
    void shouldTellAllPeersOnceWhatChangedSeveralTimesAndNothingThatDidNot() {
        bringUp("b", 0);
        bringUp("c", 0);
        exchange.changed("x", PatternInterest.PLAIN);
        exchange.changed("x", GROUP);
        exchange.changed("y", PatternInterest.PLAIN);
        exchange.changed("y", PatternInterest.NONE);
        exchange.changed("$own/z", PatternInterest.PLAIN);

        assertThat(exchange.flush())
                .containsExactly(new Send(
                        List.of("b", "c"),
                        new Delta(1, List.of(change("x", GROUP), change("y", PatternInterest.NONE)))));
        exchange.changed("x", GROUP);
        assertThat(exchange.flush()).isEmpty();
    }

    @Test
    void shouldApplyDeltasInTheirOrderAndEachOnce() {
        bringUp("b", 7);

        assertThat(exchange.received("b", delta(8, "x"), NOW))
                .containsExactly(new InterestChanged("b", "x", PatternInterest.PLAIN));
        assertThat(exchange.received("b", delta(8, "x"), NOW)).isEmpty();
        assertThat(exchange.received("b", delta(7, "old"), NOW)).isEmpty();

        assertThat(exchange.view("b")).containsOnlyKeys("x");
    }

    @Test
    void shouldFetchASnapshotOnAGapAndApplyWhatCameMeanwhile() {
        bringUp("b", 0);
        exchange.received("b", delta(1, "stays"), NOW);
        exchange.received("b", delta(2, "goes"), NOW);

        long request = request(exchange.received("b", delta(5, "five"), NOW));
        assertThat(exchange.received("b", delta(6, "six"), NOW))
                .as("it is being fetched")
                .isEmpty();
        List<Effect> more = exchange.received(
                "b", new Snapshot(request, 5, 0, false, List.of(change("stays", PatternInterest.PLAIN))), NOW);
        List<Effect> done = exchange.received(
                "b", new Snapshot(request, 5, 1, true, List.of(change("five", PatternInterest.PLAIN))), NOW);

        assertThat(more).containsExactly(new Send(List.of("b"), new Ask(request, 1)));
        assertThat(done)
                .containsExactly(
                        new InterestChanged("b", "goes", PatternInterest.NONE),
                        new InterestChanged("b", "five", PatternInterest.PLAIN),
                        new InterestChanged("b", "six", PatternInterest.PLAIN));
        assertThat(exchange.isComplete("b")).isTrue();
    }

    @Test
    void shouldIgnorePartsThatWereNotAskedForOrAreOfAnotherState() {
        long first = request(exchange.peerUp("b", NOW));
        exchange.received("b", new Snapshot(first, 3, 0, false, List.of(change("x", GROUP))), NOW);

        exchange.received("b", new Snapshot(first, 3, 0, false, List.of()), NOW);
        exchange.received("b", new Snapshot(first, 4, 1, true, List.of()), NOW);
        exchange.received("b", new Snapshot(first + 1, 3, 1, true, List.of()), NOW);

        assertThat(exchange.isComplete("b")).isFalse();
    }

    @Test
    void shouldAskAnewWhenNoAnswerComesAndNotTakeTheOldOne() {
        long first = request(exchange.peerUp("b", NOW));

        List<Effect> early = exchange.tick(NOW.plusMillis(900));
        List<Effect> late = exchange.tick(NOW.plusSeconds(1));

        assertThat(sent(early)).doesNotHaveAnyElementsOfTypes(Ask.class);
        assertThat(sent(late)).hasOnlyElementsOfTypes(Ask.class).isNotEqualTo(List.of(new Ask(first, 0)));
        exchange.received("b", new Snapshot(first, 3, 0, true, List.of()), NOW);
        assertThat(exchange.isComplete("b")).isFalse();
    }

    @Test
    void shouldHandOutASnapshotOfOneMomentInBoundedParts() {
        bringUp("b", 0);
        for (int i = 0; i < 5_000; i++) {
            exchange.changed("agent/with-a-name-of-some-length-" + i, PatternInterest.PLAIN);
        }
        exchange.flush();
        List<Change> all = new ArrayList<>();
        Snapshot part =
                (Snapshot) sent(exchange.received("b", new Ask(77, 0), NOW)).getFirst();
        long sequence = part.sequence();
        exchange.changed("later", PatternInterest.PLAIN);
        exchange.flush();
        all.addAll(part.changes());
        for (int next = 1; !part.last(); next++) {
            part = (Snapshot)
                    sent(exchange.received("b", new Ask(77, next), NOW)).getFirst();
            assertThat(part.sequence()).isEqualTo(sequence);
            assertThat(part.changes().stream().mapToInt(Change::size).sum()).isLessThan(40_000);
            all.addAll(part.changes());
        }

        assertThat(all)
                .hasSize(5_000)
                .extracting(Change::pattern)
                .doesNotHaveDuplicates()
                .doesNotContain("later");
        assertThat(exchange.received("b", new Ask(77, 1), NOW))
                .as("it was handed out")
                .isEmpty();
    }

    @Test
    void shouldFindByAProbeWhatWasLostAtTheEndAndWhatNoNumberShows() {
        bringUp("b", 0);
        exchange.received("b", delta(1, "x"), NOW);
        long right = PatternInterest.PLAIN.hash("x");

        assertThat(exchange.received("b", new Probe(1, right, 1), NOW)).isEmpty();
        assertThat(exchange.received("b", new Probe(0, 5, 5), NOW)).as("late").isEmpty();
        assertThat(exchange.received("b", new Probe(1, right + 1, 1), NOW))
                .hasSize(2)
                .contains(new Diverged("b"));
        exchange.peerDown("b");
        bringUp("b", 1);
        assertThat(exchange.received("b", new Probe(2, right, 1), NOW))
                .as("the last delta was lost")
                .hasOnlyElementsOfType(Send.class)
                .hasSize(1);
    }

    @Test
    void shouldProbeEachSecondWithTheSumOverAllThatIsThere() {
        bringUp("b", 0);
        exchange.changed("x", GROUP);
        exchange.changed("y", PatternInterest.PLAIN);
        exchange.changed("y", PatternInterest.NONE);

        List<InterestFrame> first = sent(exchange.tick(NOW));

        assertThat(first).hasSize(2).last().isEqualTo(new Probe(1, GROUP.hash("x"), 1));
        assertThat(exchange.tick(NOW.plusMillis(999))).isEmpty();
        assertThat(sent(exchange.tick(NOW.plus(InterestExchange.PROBE_INTERVAL))))
                .hasSize(1);
    }

    @Test
    void shouldForgetAtOnceWhatAPeerThatIsGoneHadInterestIn() {
        bringUp("b", 0);
        exchange.received("b", delta(1, "x"), NOW);

        assertThat(exchange.peerDown("b")).containsExactly(new InterestChanged("b", "x", PatternInterest.NONE));
        assertThat(exchange.received("b", delta(2, "y"), NOW)).isEmpty();
        assertThat(exchange.view("b")).isEmpty();
    }

    @Test
    void shouldGiveEachPatternAndInterestAnotherHash() {
        List<Long> hashes = List.of(
                PatternInterest.PLAIN.hash("x"),
                PatternInterest.PLAIN.hash("y"),
                GROUP.hash("x"),
                PatternInterest.of(true, GROUP.groups()).hash("x"),
                PatternInterest.of(false, List.of(new PatternInterest.Group("g", 4)))
                        .hash("x"),
                PatternInterest.of(false, List.of(new PatternInterest.Group("h", 3)))
                        .hash("x"));

        assertThat(hashes).doesNotHaveDuplicates();
        assertThat(PatternInterest.of(
                        true, List.of(new PatternInterest.Group("a", 1), new PatternInterest.Group("b", 2))))
                .as("whatever the order")
                .isEqualTo(PatternInterest.of(
                        true, List.of(new PatternInterest.Group("b", 2), new PatternInterest.Group("a", 1))));
    }
}
