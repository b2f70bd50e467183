package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenLoopTest {
    private static final long BEGIN = 5_000_000_007L;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static OpenLoop loop(double rate) {
        return new OpenLoop(BEGIN, BEGIN + SECOND, rate);
    }

    private static long due(OpenLoop loop, long now) {
        long sum = 0;
        while (loop.next(now)) {
            sum += loop.messages();
        }
        return sum;
    }

    @Test
    void shouldHaveNothingDueBeforeTheBegin() {
        OpenLoop loop = loop(10_000);

        assertThat(loop.next(BEGIN - 1)).isFalse();
        assertThat(loop.next(BEGIN)).isTrue();
        assertThat(loop.at()).isEqualTo(BEGIN);
        assertThat(loop.messages()).isEqualTo(2);
        assertThat(loop.next(BEGIN + OpenLoop.GROUP_NANOS - 1)).isFalse();
        assertThat(loop.next(BEGIN + OpenLoop.GROUP_NANOS)).isTrue();
        assertThat(loop.at()).isEqualTo(BEGIN + OpenLoop.GROUP_NANOS);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "50,50", "333,333", "5000,5000", "12345,12345", "100000,100000", "0.5,0", "4.9E-324,0"})
    void shouldHaveTheWholeRateDueInASecond(double rate, long messages) {
        assertThat(due(loop(rate), BEGIN + 10 * SECOND)).isEqualTo(messages);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 777, 200_000, 200_001, 3_000_000, 1_000_000_000})
    void shouldHaveTheSameDueHoweverOftenItIsAsked(long step) {
        OpenLoop loop = loop(12_345);
        long sum = 0;
        long end = step < 1_000 ? BEGIN + 2_000 * step : BEGIN + SECOND;

        for (long now = BEGIN; now < end; now += step) {
            sum += due(loop, now);
        }

        assertThat(sum + due(loop, end)).isEqualTo(due(loop(12_345), end));
    }

    @Test
    void shouldGiveEachMissedGroupItsOwnMomentAfterAPause() {
        OpenLoop loop = loop(5_000);
        List<Long> moments = new ArrayList<>();

        while (loop.next(BEGIN + 5 * OpenLoop.GROUP_NANOS)) {
            assertThat(loop.messages()).isOne();
            moments.add((loop.at() - BEGIN) / OpenLoop.GROUP_NANOS);
        }

        // What the server or the generator did meanwhile changes nothing about when they were due.
        assertThat(moments).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void shouldSpreadALowRateEvenly() {
        OpenLoop loop = loop(100);
        List<Long> moments = new ArrayList<>();

        while (loop.next(BEGIN + SECOND)) {
            if (loop.messages() > 0) {
                moments.add(loop.at() - BEGIN);
            }
        }

        assertThat(moments).hasSize(100);
        for (int i = 1; i < moments.size(); i++) {
            assertThat(moments.get(i) - moments.get(i - 1)).isEqualTo(SECOND / 100);
        }
    }

    @Test
    void shouldHaveNothingDueAfterTheEnd() {
        OpenLoop loop = loop(10_000);
        long sum = due(loop, BEGIN + SECOND - 1);

        assertThat(sum).isEqualTo(10_000);
        assertThat(loop.next(BEGIN + 2 * SECOND)).isFalse();
    }
}
