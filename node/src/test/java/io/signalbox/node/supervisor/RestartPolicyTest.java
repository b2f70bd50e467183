package io.signalbox.node.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.supervisor.RestartPolicy.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
    private final RestartPolicy policy = new RestartPolicy();

    /** Draws the greatest that is allowed. */
    private final RandomGenerator greatest = new RandomGenerator() {
        @Override
        public long nextLong() {
            throw new AssertionError("without bound");
        }

        @Override
        public long nextLong(long least, long bound) {
            return bound - 1;
        }
    };

    private List<Decision> ended(int times, RandomGenerator random) {
        return IntStream.range(0, times).mapToObj(i -> policy.ended(random)).toList();
    }

    private static Decision again(int ends, long millis) {
        return new Decision.StartAgain(ends, Duration.ofMillis(millis));
    }

    @Test
    void shouldGiveUpWhenTheNodeEndedThreeTimesBeforeItWasEverReady() {
        assertThat(ended(3, greatest)).containsExactly(again(1, 200), again(2, 400), new Decision.GiveUp(3));
    }

    @Test
    void shouldWaitLongerEachTimeAndNeverGiveUpWhenItWasReadyOnce() {
        policy.ready();

        assertThat(ended(8, greatest))
                .containsExactly(
                        again(1, 200),
                        again(2, 400),
                        again(3, 800),
                        again(4, 1600),
                        again(5, 3200),
                        again(6, 6400),
                        again(7, 10_000),
                        again(8, 10_000));
        assertThat(ended(100, greatest).getLast()).isEqualTo(again(108, 10_000));
    }

    @Test
    void shouldBeginWithAShortWaitAgainWhenItGotReady() {
        policy.ready();
        ended(5, greatest);

        policy.ready();

        assertThat(policy.ended(greatest)).isEqualTo(again(6, 200));
    }

    @Test
    void shouldSpreadStartsOverHalfOfTheTimeWhenNodesEndTogether() {
        List<Long> waits = IntStream.range(0, 1000)
                .mapToObj(seed -> (Decision.StartAgain) new RestartPolicy().ended(new Random(seed)))
                .map(start -> start.after().toMillis())
                .toList();

        assertThat(waits).allMatch(wait -> wait >= 100 && wait <= 200);
        assertThat(waits.stream().distinct().count()).isGreaterThan(50);
    }
}
