package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectPacerTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final ConnectPacer pacer = new ConnectPacer(10, new Random(1));

    private long letIn(int clients, Instant now) {
        return IntStream.range(0, clients)
                .filter(client -> pacer.turn(now).isEmpty())
                .count();
    }

    private static Instant after(long millis) {
        return NOW.plusMillis(millis);
    }

    @Test
    void shouldLetASecondsWorthInAtOnce() {
        assertThat(letIn(15, NOW)).isEqualTo(10);
    }

    @Test
    void shouldLetInWhatTheRateGivesBackAndNoMore() {
        letIn(10, NOW);

        assertThat(letIn(3, after(99))).isZero();
        assertThat(letIn(3, after(100))).isEqualTo(1);
        assertThat(letIn(9, after(450))).isEqualTo(3);
    }

    @Test
    void shouldSaveNoMoreThanASecondsWorthWhenNobodyComes() {
        letIn(10, NOW);

        assertThat(letIn(50, NOW.plus(Duration.ofDays(1)))).isEqualTo(10);
    }

    @Test
    void shouldTurnNobodyAwayWhoComesNoFasterThanTheRate() {
        assertThat(IntStream.range(0, 1000).mapToObj(i -> pacer.turn(after(i * 100L))))
                .allMatch(Optional::isEmpty);
    }

    @Test
    void shouldSendEachFartherAwayThanTheOneBefore() {
        letIn(10, NOW);

        List<Duration> waits = IntStream.range(0, 40)
                .mapToObj(i -> pacer.turn(NOW).orElseThrow())
                .toList();

        // One slot in 133 ms behind the first, which is at 250 ms, and up to a fourth of it at random.
        for (int i = 0; i < waits.size(); i++) {
            long slot = Math.round(250 + i * 1000 / 7.5);
            assertThat(waits.get(i).toMillis()).as("wait %d", i).isBetween(slot - 1, slot * 5 / 4 + 1);
        }
        assertThat(waits.getLast()).isNotEqualTo(Duration.ofNanos(Math.round(250e6 + 39 * 1e9 / 7.5)));
    }

    @Test
    void shouldGiveNearSlotsAgainWhenTheStormIsOver() {
        letIn(100, NOW);
        Instant later = NOW.plusSeconds(60);
        letIn(10, later);

        assertThat(pacer.turn(later))
                .hasValueSatisfying(wait -> assertThat(wait).isBetween(Duration.ofMillis(250), Duration.ofMillis(313)));
    }

    @Test
    void shouldSendNobodyAwayForLongerThanIsSensible() {
        letIn(5000, NOW);

        assertThat(pacer.turn(NOW))
                .hasValueSatisfying(wait -> assertThat(wait).isBetween(Duration.ofMinutes(2), Duration.ofSeconds(150)));
    }

    @Test
    void shouldLetInWhenTheClockWasSetBack() {
        letIn(5000, NOW);
        Instant before = NOW.minus(Duration.ofHours(1));

        assertThat(letIn(1, before)).isZero();
        assertThat(letIn(1, before.plusMillis(100))).isEqualTo(1);
        assertThat(pacer.turn(before.plusMillis(100)).orElseThrow()).isLessThanOrEqualTo(Duration.ofSeconds(150));
    }

    private record Arrival(Instant at, int tries) {}

    /** Clients that obey, and add the random wait of the SDK: all come in, in about the time that the rate needs. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldBringAStormInAtItsRateAndInFewTries(long seed) {
        int clients = 10_000;
        int rate = 500;
        Random random = new Random(seed);
        ConnectPacer stormy = new ConnectPacer(rate, random);
        PriorityQueue<Arrival> arrivals = new PriorityQueue<>((a, b) -> a.at().compareTo(b.at()));
        IntStream.range(0, clients).forEach(i -> arrivals.add(new Arrival(after(random.nextInt(500)), 1)));
        List<Arrival> in = new ArrayList<>();

        while (!arrivals.isEmpty()) {
            Arrival arrival = arrivals.remove();
            stormy.turn(arrival.at())
                    .map(wait ->
                            arrival.at().plus(wait).plusMillis(random.nextInt(200 << Math.min(5, arrival.tries()))))
                    .ifPresentOrElse(
                            again -> arrivals.add(new Arrival(again, arrival.tries() + 1)), () -> in.add(arrival));
        }

        assertThat(in).as("seed %d", seed).hasSize(clients);
        for (int i = 2 * rate; i < in.size(); i++) {
            Duration took =
                    Duration.between(in.get(i - 2 * rate).at(), in.get(i).at());
            assertThat(took).as("seed %d, client %d", seed, i).isGreaterThanOrEqualTo(Duration.ofMillis(1000));
        }
        assertThat(Duration.between(NOW, in.getLast().at()))
                .as("seed %d", seed)
                .isLessThan(Duration.ofSeconds(2 * clients / rate));
        assertThat(in.stream().mapToInt(Arrival::tries).max().orElseThrow())
                .as("seed %d", seed)
                .isLessThanOrEqualTo(4);
    }
}
