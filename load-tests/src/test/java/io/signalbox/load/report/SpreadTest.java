package io.signalbox.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"7|7|7|7", "3 1|2|1|3", "9 1 5|5|1|9", "4 1 100 2|3|1|100", "5 5 5 1 9|5|1|9", "-3 0 2|0|-3|2"})
    void shouldFindTheMiddleAndTheEnds(String values, double median, double least, double most) {
        List<String> runs = Stream.of(values.split(" ")).toList();

        assertThat(Spread.of(runs, Double::parseDouble)).isEqualTo(new Spread(median, least, most));
    }

    @Test
    void shouldBeZeroWithoutRuns() {
        assertThat(Spread.of(List.<String>of(), Double::parseDouble)).isEqualTo(new Spread(0, 0, 0));
    }
}
