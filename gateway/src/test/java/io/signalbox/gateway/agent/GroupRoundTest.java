package io.signalbox.gateway.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupRoundTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(15);
    private static final int GROUPS = 16;

    private final GroupRound round = new GroupRound(GROUPS, INTERVAL, START);

    /** What is due when asked every so many milliseconds until the end. */
    private List<Integer> asked(long everyMillis, Duration until) {
        return IntStream.rangeClosed(1, (int) (until.toMillis() / everyMillis))
                .mapToObj(i -> round.due(START.plusMillis(i * everyMillis)))
                .flatMap(due -> due.stream().boxed())
                .toList();
    }

    @Test
    void shouldGoAroundInOrder() {
        assertThat(asked(100, INTERVAL))
                .isEqualTo(IntStream.range(0, GROUPS).boxed().toList());
    }

    @Test
    void shouldNotBeLongerThanItsIntervalWhenItIsAskedALittleLate() {
        long step = round.step().toMillis();

        List<Integer> due = asked(step, INTERVAL.multipliedBy(10).plusMillis(step));

        assertThat(IntStream.range(0, GROUPS).map(group -> Collections.frequency(due, group)))
                .containsOnly(10);
    }

    @Test
    void shouldNotBeShorterThanItsIntervalHoweverOftenItIsAsked() {
        assertThat(asked(1, INTERVAL.multipliedBy(3))).hasSize(3 * GROUPS);
    }
}
