package io.signalbox.verticles.allocation;

import static io.signalbox.verticles.allocation.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BrokerSettingsTest {
    private static BrokerSettings backoff(Duration initial, Duration max) {
        return new BrokerSettings(1, Duration.ZERO, Duration.ZERO, initial, max, Duration.ofSeconds(10), Map.of());
    }

    private static final BrokerSettings SETTINGS = backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));

    /** Half of the wait is certain, the other half is chance. */
    @ParameterizedTest
    @CsvSource({
        "0,    500,  1000",
        "1,    500,  1000",
        "2,   1000,  2000",
        "3,   2000,  4000",
        "6,  16000, 32000",
        "7,  30000, 60000",
        "31, 30000, 60000",
        "99, 30000, 60000"
    })
    void shouldDoubleTheWaitWithEachFailedAttemptUpToTheLongest(int failed, long least, long most) {
        LongSummaryStatistics waits = waits(SETTINGS, failed);

        assertThat(waits.getMin()).isBetween(least, least + most / 20);
        assertThat(waits.getMax()).isBetween(most - most / 20, most);
    }

    private static LongSummaryStatistics waits(BrokerSettings settings, int failed) {
        Random random = new Random(11);
        return IntStream.range(0, 2_000)
                .mapToLong(i -> settings.backoff(failed, random).toMillis())
                .summaryStatistics();
    }

    @Test
    void shouldNotWaitAtAllWhenTheFirstWaitIsNone() {
        assertThat(waits(backoff(Duration.ZERO, Duration.ofSeconds(60)), 5).getMax())
                .isZero();
    }

    @Test
    void shouldNotOverflowWithTheLongestFirstWait() {
        Duration day = Duration.ofDays(1);

        LongSummaryStatistics waits = waits(backoff(Duration.ofHours(1), day), 100);

        assertThat(waits.getMin()).isGreaterThanOrEqualTo(day.toMillis() / 2);
        assertThat(waits.getMax()).isLessThanOrEqualTo(day.toMillis());
    }

    /** Priority 0 of now against what may come later. */
    @ParameterizedTest
    @CsvSource({"0,      1, true", "1,   9999, false", "1,  10001, true", "9,  89999, false", "9,  90001, true"})
    void shouldLetALowPriorityGoFirstOnceItHasWaitedLongEnough(int priority, long later, boolean lowFirst) {
        long low = SETTINGS.rank(NOW, 0);
        long other = SETTINGS.rank(NOW.plusMillis(later), priority);

        assertThat(low < other).isEqualTo(lowFirst);
    }

    @Test
    void shouldLetTheUrgentGoFirstAtTheSameTime() {
        for (int priority = 1; priority <= 9; priority++) {
            assertThat(SETTINGS.rank(NOW, priority)).isLessThan(SETTINGS.rank(NOW, priority - 1));
        }
    }
}
