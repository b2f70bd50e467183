package io.signalbox.load.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatenciesTest {
    private final Latencies latencies = new Latencies();

    @Test
    void shouldKeepSecondsApartAndTheWholeTogether() {
        latencies.record(TimeUnit.MILLISECONDS.toNanos(1));
        latencies.record(TimeUnit.MILLISECONDS.toNanos(1));
        latencies.record(TimeUnit.MILLISECONDS.toNanos(3));
        Report.Second first = latencies.turn();
        latencies.record(TimeUnit.MILLISECONDS.toNanos(2));
        Report.Second second = latencies.turn();
        Report.Second silent = latencies.turn();

        assertThat(first).isEqualTo(new Report.Second(0, 3, 1.0, 3.001, 3.001));
        assertThat(second).isEqualTo(new Report.Second(1, 1, 2.0, 2.0, 2.0));
        assertThat(silent).isEqualTo(new Report.Second(2, 0, 0, 0, 0));
        assertThat(latencies.seconds()).containsExactly(first, second, silent);
        assertThat(latencies.whole().getTotalCount()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"-5000000,0", "0,0", "999,0", "1000,1", "1999,1", "60000000000,60000000", "90000000000,60000000"})
    void shouldKeepMicrosecondsWithinItsBounds(long nanos, long micros) {
        latencies.record(nanos);

        Histogram whole = latencies.whole();
        assertThat(whole.valuesAreEquivalent(whole.getMaxValue(), micros)).isTrue();
        assertThat(whole.getTotalCount()).isOne();
    }

    @Test
    void shouldTravelAsText() {
        SplittableRandom random = new SplittableRandom(11);
        Histogram histogram = Latencies.histogram();
        for (int i = 0; i < 10_000; i++) {
            histogram.recordValue(random.nextLong(60_000_001));
        }

        String text = Latencies.encode(histogram);

        assertThat(text).doesNotContain("\n");
        assertThat(Latencies.decode(text)).isEqualTo(histogram);
        assertThat(Latencies.decode(Latencies.encode(Latencies.histogram())).getTotalCount())
                .isZero();
    }

    @Test
    void shouldRefuseTextThatIsNoHistogram() {
        assertThatThrownBy(() -> Latencies.decode("AAAA")).isInstanceOf(RuntimeException.class);
    }
}
