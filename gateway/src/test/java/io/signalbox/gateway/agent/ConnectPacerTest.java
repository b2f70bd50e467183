package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.gateway.agent.ConnectPacer.ComeAgain;
import io.signalbox.gateway.agent.ConnectPacer.Hold;
import io.signalbox.gateway.agent.ConnectPacer.Now;
import io.signalbox.gateway.agent.ConnectPacer.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectPacerTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Now LET_IN = new Now();

    /** 10 at once, and 50 that wait for a tenth of a second to 5 seconds. */
    private static final int TURNS = 60;

    private final ConnectPacer pacer = new ConnectPacer(10, new Random(1));

    private List<Turn> turns(int clients, Instant now) {
        return IntStream.range(0, clients).mapToObj(client -> pacer.turn(now)).toList();
    }

    private static Instant after(long millis) {
        return NOW.plusMillis(millis);
    }

    private static Hold hold(long millis) {
        return new Hold(Duration.ofMillis(millis));
    }

    @Test
    void shouldLetASecondsWorthInAtOnceAndHoldTheNextInOrder() {
        List<Turn> turns = turns(TURNS + 1, NOW);

        assertThat(turns.subList(0, 10)).allMatch(LET_IN::equals);
        assertThat(turns.subList(10, TURNS))
                .isEqualTo(IntStream.rangeClosed(1, 50)
                        .mapToObj(i -> hold(i * 100L))
                        .toList());
        assertThat(turns.getLast()).isInstanceOf(ComeAgain.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 2000", "20, 2000", "21, 2100", "80, 8000", "100000, 8000"})
    void shouldSpreadThoseSentAwayAsTheyCanBeLetIn(int clients, long millis) {
        assertThat(pacer.reconnectSpread(clients)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void shouldLetInWhatTheRateGivesBackAndNoMore() {
        turns(10, NOW);

        assertThat(pacer.turn(after(99))).isEqualTo(hold(1));
        assertThat(turns(3, after(300))).containsExactly(LET_IN, LET_IN, hold(100));
    }

    @Test
    void shouldHoldTheNextAsSoonAsThereIsATurnNearEnough() {
        turns(TURNS, NOW);

        assertThat(pacer.turn(after(99))).isInstanceOf(ComeAgain.class);
        assertThat(pacer.turn(after(100))).isEqualTo(new Hold(ConnectPacer.MAX_HOLD));
        assertThat(pacer.turn(after(100))).isInstanceOf(ComeAgain.class);
    }

    @Test
    void shouldSaveNoMoreThanASecondsWorthWhenNobodyComes() {
        turns(10, NOW);

        assertThat(turns(50, NOW.plus(Duration.ofDays(1))))
                .filteredOn(LET_IN::equals)
                .hasSize(10);
    }

    @Test
    void shouldLetEverybodyInAtOnceWhoComesNoFasterThanTheRate() {
        assertThat(IntStream.range(0, 1000).mapToObj(i -> pacer.turn(after(i * 100L))))
                .allMatch(LET_IN::equals);
    }

    /** However many came and never said who they are. */
    @Test
    void shouldKeepNobodyOutOnceTheTurnsThatItGaveAreOver() {
        turns(5000, NOW);

        assertThat(pacer.turn(after(5099))).isNotEqualTo(LET_IN);
        assertThat(pacer.turn(after(5200))).isEqualTo(LET_IN);
    }

    @Test
    void shouldSendEachFartherAwayThanTheOneBefore() {
        turns(TURNS, NOW);

        List<Long> waits =
                turns(40, NOW).stream().map(ConnectPacerTest::awayMillis).toList();

        // One slot in 100 ms behind the first, which is at 250 ms, and up to a fourth of it at random.
        for (int i = 0; i < waits.size(); i++) {
            long slot = 250 + i * 100L;
            assertThat(waits.get(i)).as("wait %d", i).isBetween(slot, slot * 5 / 4);
        }
        assertThat(IntStream.range(0, 40).mapToLong(i -> waits.get(i) - 250 - i * 100L))
                .as("random parts")
                .anyMatch(part -> part > 0);
    }

    private static long awayMillis(Turn turn) {
        return ((ComeAgain) turn).delay().toMillis();
    }

    @Test
    void shouldGiveNearSlotsAgainWhenTheStormIsOver() {
        turns(200, NOW);
        Instant later = NOW.plusSeconds(60);
        turns(TURNS, later);

        assertThat(awayMillis(pacer.turn(later))).isBetween(250L, 313L);
    }

    @Test
    void shouldSendNobodyAwayForLongerThanIsSensible() {
        turns(5000, NOW);

        assertThat(awayMillis(pacer.turn(NOW))).isBetween(120_000L, 150_000L);
    }

    @Test
    void shouldGiveTurnsWhenTheClockWasSetBack() {
        turns(5000, NOW);
        Instant before = NOW.minus(Duration.ofHours(1));

        assertThat(awayMillis(pacer.turn(before))).isLessThanOrEqualTo(150_000L);
        assertThat(pacer.turn(before.plusMillis(100))).isEqualTo(new Hold(ConnectPacer.MAX_HOLD));
        assertThat(pacer.turn(before.plusMillis(6100))).isEqualTo(LET_IN);
    }

    @Test
    void shouldGiveEachTurnOnceWhenAllEventLoopsAskAtOnce() throws Exception {
        List<Turn> turns = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<List<Turn>> loop = () -> turns(20, NOW);
            for (Future<List<Turn>> some : threads.invokeAll(List.of(loop, loop, loop, loop))) {
                turns.addAll(some.get());
            }
        }

        assertThat(turns).filteredOn(LET_IN::equals).hasSize(10);
        assertThat(turns).filteredOn(Hold.class::isInstance).hasSize(50).doesNotHaveDuplicates();
    }

    /** Clients at random times: turns come in the order of those who ask, never far ahead, and never faster than the rate. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldGiveTurnsInOrderAtItsRate(long seed) {
        Random random = new Random(seed);
        List<Instant> turns = new ArrayList<>();
        Instant now = NOW;

        for (int i = 0; i < 2_000; i++) {
            now = now.plusMillis(random.nextInt(random.nextInt(50) == 0 ? 20_000 : 150));
            switch (pacer.turn(now)) {
                case Now ignored -> turns.add(now);
                case Hold(Duration wait) -> {
                    assertThat(wait).as("seed %d", seed).isBetween(Duration.ofNanos(1), ConnectPacer.MAX_HOLD);
                    turns.add(now.plus(wait));
                }
                case ComeAgain ignored -> {}
            }
        }

        assertThat(turns).as("seed %d", seed).isSorted();
        for (int i = 20; i < turns.size(); i++) {
            assertThat(Duration.between(turns.get(i - 20), turns.get(i)))
                    .as("seed %d, turn %d", seed, i)
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
    }

    private record Arrival(Instant at, int tries) {}

    /** Clients that obey, and add the random wait of the SDK: all come in, at the full rate, most on their first connection. */
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
            Instant now = arrival.at();
            switch (stormy.turn(now)) {
                case Now ignored -> in.add(arrival);
                case Hold(Duration wait) -> in.add(new Arrival(now.plus(wait), arrival.tries()));
                case ComeAgain(Duration wait) -> {
                    int ofSdk = random.nextInt(200 << Math.min(5, arrival.tries()));
                    arrivals.add(new Arrival(now.plus(wait).plusMillis(ofSdk), arrival.tries() + 1));
                }
            }
        }

        assertThat(in).as("seed %d", seed).hasSize(clients);
        Instant last = in.stream().map(Arrival::at).max(Instant::compareTo).orElseThrow();
        assertThat(Duration.between(NOW, last)).as("seed %d", seed).isLessThan(Duration.ofSeconds(clients / rate + 1));
        assertThat(in).as("seed %d", seed).allMatch(client -> client.tries() <= 3);
        assertThat(in)
                .as("seed %d", seed)
                .filteredOn(client -> client.tries() == 1)
                .hasSizeGreaterThan(6 * rate);
    }
}
