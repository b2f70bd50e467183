package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.dialect.Stamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OracleTest {
    private final Oracle oracle = new Oracle();

    private static Stamp stamp(int from, int number) {
        return new Stamp(0, 0, 0, Stamp.Kind.ONE_WAY, from, 0, number);
    }

    private void receive(int from, int receiver, int... numbers) {
        for (int number : numbers) {
            oracle.received(stamp(from, number), receiver);
        }
    }

    private List<Long> counts() {
        return List.of(oracle.received(), oracle.duplicated(), oracle.reordered());
    }

    @Test
    void shouldCountMessagesThatComeInOrderWithGaps() {
        // The sender's numbers in between went to others.
        receive(1, 2, 5, 6, 9);

        assertThat(counts()).containsExactly(3L, 0L, 0L);
    }

    @Test
    void shouldMissALostMessageInTheCount() {
        receive(1, 2, 1, 3);

        assertThat(oracle.received()).as("of three").isEqualTo(2);
    }

    @Test
    void shouldFindAMessageThatComesTwice() {
        receive(1, 2, 1, 1, 2);

        assertThat(counts()).containsExactly(2L, 1L, 0L);
    }

    @Test
    void shouldFindMessagesThatSwappedPlaces() {
        receive(1, 2, 2, 1, 3);

        assertThat(counts()).containsExactly(2L, 0L, 1L);
    }

    @Test
    void shouldKeepSendersAndReceiversApart() {
        receive(1, 2, 7);
        receive(2, 1, 6);
        receive(1, 3, 7);
        receive(0, 0, 7);
        receive(0, 1, 5);
        receive(0, 65_537, 4);

        assertThat(counts()).containsExactly(6L, 0L, 0L);
    }

    @Test
    void shouldRememberAllPairsWhileItGrows() {
        int pairs = 100_000;
        for (int i = 0; i < pairs; i++) {
            receive(i % 317, i / 317, 2);
        }
        assertThat(counts()).containsExactly((long) pairs, 0L, 0L);

        for (int i = 0; i < pairs; i++) {
            receive(i % 317, i / 317, i % 2 == 0 ? 2 : 1);
        }

        assertThat(counts()).containsExactly((long) pairs, pairs / 2L, pairs / 2L);
    }

    /** Against a map that is plainly right. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldAgreeWithANaiveModel(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Long, Integer> last = new HashMap<>();
        long[] expected = new long[3];
        int agents = 2 + random.nextInt(300);
        for (int i = 0; i < 50_000; i++) {
            int from = random.nextInt(agents);
            int receiver = random.nextInt(agents);
            int number = i / 10 + random.nextInt(20);
            int before = last.getOrDefault((long) from * agents + receiver, -1);
            last.merge((long) from * agents + receiver, number, Math::max);
            expected[number > before ? 0 : number == before ? 1 : 2]++;

            receive(from, receiver, number);
        }

        assertThat(counts()).as("seed %d", seed).containsExactly(expected[0], expected[1], expected[2]);
    }
}
