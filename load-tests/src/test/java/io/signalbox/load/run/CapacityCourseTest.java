package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.report.Results;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CapacityCourseTest {
    private static final int SECONDS = 5;

    private static Results.Repetition run(long delivered, double p99Ms, boolean late) {
        return new Results.Repetition(
                1, 1_000, 5_000, 5_000, 0, 0, 0, 0, Map.of(), delivered, 0, 0, 0, 0, 0, 0, p99Ms, 0, 0, 0, late, "",
                List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "5000,   1, false, ''",
        "4950, 100, false, ''",
        "5000,   1, true,  ''",
        "4949,   1, false, '99.0 % are delivered in time'",
        "2500, 900, false, '50.0 % are delivered in time'",
        "4990, 101, false, 'p99 is 101 ms'",
        "4000, 101, true,  'the generator itself is late: more cannot be measured with its processors'"
    })
    void shouldSayWhyARateIsNotSustained(long delivered, double p99Ms, boolean late, String why) {
        assertThat(CapacityCourse.whyNot(run(delivered, p99Ms, late), SECONDS).orElse(""))
                .isEqualTo(why);
    }
}
