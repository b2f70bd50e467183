package io.signalbox.codecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CohortTest {
    private static final int FLEET = 30_000;

    private static Set<String> cohort(long rollout, int share) {
        return IntStream.range(0, FLEET)
                .mapToObj(n -> "reviewer-" + n)
                .filter(agent -> Cohort.has(agent, "code.reviewer", rollout, share))
                .collect(Collectors.toSet());
    }

    /** Nodes of different versions work together: a place is for ever. */
    @ParameterizedTest
    @CsvSource({"a,code.reviewer,1,1072", "reviewer-1,code.reviewer,7,2679", "ä,x,9000000000,1569"})
    void shouldGiveAnAgentTheSamePlaceForEver(String agent, String definition, long rollout, String place) {
        assertThat(Cohort.place(agent, definition, rollout)).isEqualTo(Integer.parseInt(place));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 1_000, 5_000, 10_000})
    void shouldHaveAboutTheShareOfTheFleet(int share) {
        double expected = (double) FLEET * share / Cohort.WHOLE;

        assertThat((double) cohort(3, share).size()).isCloseTo(expected, within(4 * Math.sqrt(expected) + 1));
    }

    @Test
    void shouldOnlyGrowWithTheShare() {
        assertThat(cohort(3, 500)).containsAll(cohort(3, 100));
        assertThat(cohort(3, 5_000)).containsAll(cohort(3, 500));
    }

    @Test
    void shouldChooseAnewForEachRolloutAndDefinition() {
        Set<String> both = cohort(3, 1_000);
        both.retainAll(cohort(4, 1_000));

        assertThat((double) both.size()).isCloseTo(FLEET * 0.01, within(60.0));
        assertThat(Cohort.place("a", "x", 1)).isNotEqualTo(Cohort.place("a", "y", 1));
    }
}
