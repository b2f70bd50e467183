package io.signalbox.load.report;

import static io.signalbox.load.report.SomeResults.faulty;
import static io.signalbox.load.report.SomeResults.peer;
import static io.signalbox.load.report.SomeResults.repetition;
import static io.signalbox.load.report.SomeResults.results;
import static io.signalbox.load.report.SomeResults.upTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageDataTest {
    private static final String FLOOR = "bare Netty router";

    @Test
    void shouldTakeMediansOfEachRateByItself() {
        PageData data = PageData.of(results(peer(
                "Signalbox",
                4,
                repetition(10, 30, 1),
                repetition(20, 99, 1),
                repetition(10, 50, 1),
                repetition(10, 31, 1))));

        assertThat(data.steps().stream().map(PageData.Step::rate)).containsExactly(10, 20);
        PageData.Figure cpu = data.steps().getFirst().rows().getFirst().cpuMicros();
        assertThat(cpu).isEqualTo(new PageData.Figure(31, 30, 50, Map.of()));
    }

    @Test
    void shouldCompareWithTheFloorAndNatsButNoneWithItself() {
        PageData data = PageData.of(results(
                peer("Signalbox", 12, repetition(10, 30, 8)),
                peer(FLOOR, 4, repetition(10, 20, 2)),
                peer("NATS", 6, repetition(10, 60, 4)),
                peer("Mosquitto", 1, repetition(10, 1, 1))));

        List<PageData.Row> rows = data.steps().getFirst().rows();
        assertThat(rows.get(0).cpuMicros().times()).isEqualTo(Map.of("floor", 1.5, "NATS", 0.5));
        assertThat(rows.get(0).p99Ms().times().get("floor")).isCloseTo(4, within(0.01));
        assertThat(rows.get(1).cpuMicros().times()).containsOnlyKeys("NATS");
        assertThat(rows.get(2).cpuMicros().times()).isEqualTo(Map.of("floor", 3.0));
        assertThat(data.memory().getFirst().idle())
                .isEqualTo(new PageData.Figure(12, 12, 12, Map.of("floor", 3.0, "NATS", 2.0)));
        assertThat(data.memory().getFirst().loaded().median()).isEqualTo(24);
        assertThat(data.memory().getFirst().kernel().median()).isEqualTo(3);
    }

    @Test
    void shouldNotCompareWithNothing() {
        PageData data = PageData.of(results(
                peer("Signalbox", 12, repetition(10, 30, 8)),
                peer(FLOOR, 0, repetition(10, 0, 2)),
                peer("NATS", -5, repetition(20, 9, 9))));

        assertThat(data.steps().getFirst().rows().getFirst().cpuMicros().times())
                .isEmpty();
        assertThat(data.memory())
                .allSatisfy(row -> assertThat(row.idle().times()).isEmpty());
        assertThat(data.steps().getFirst().rows())
                .as("peers with runs at this rate")
                .hasSize(2);
    }

    @Test
    void shouldDrawTheCurveOfAllRepetitionsUpToTheLastMessage() {
        PageData data = PageData.of(results(
                peer("Signalbox", 1, repetition(10, 1, upTo(500)), repetition(10, 1, upTo(1000))),
                peer("NATS", 1, repetition(10, 1, 5))));

        PageData.Step step = data.steps().getFirst();
        double[] curve = step.rows().getFirst().curveMs();
        double[] at = step.curveAt();
        assertThat(curve).hasSameSizeAs(at).isSorted();
        assertThat(at[0]).as("the least").isOne();
        assertThat(curve[0]).isEqualTo(1);
        assertThat(at[12]).as("p90 is one of ten").isCloseTo(10, within(1e-9));
        assertThat(curve[12]).isCloseTo(850, within(1.0));
        assertThat(at[at.length - 1]).as("beyond 1,500 messages").isBetween(1500.0, 1500 * 1.22);
        assertThat(curve[curve.length - 1]).isCloseTo(1000, within(1.0));
        assertThat(step.rows().getLast().curveMs()).as("one message").containsExactly(5);
    }

    @Test
    void shouldHaveNoStepWithoutMessages() {
        Results idle = results(peer("Signalbox", 9));

        assertThat(PageData.of(idle).steps()).isEmpty();
        assertThat(PageData.of(idle).memory()).hasSize(1);
    }

    @Test
    void shouldMarkWhatIsDoubtfulOrAFault() {
        Results.Repetition good = repetition(10, 30, 1);
        PageData data = PageData.of(results(
                peer(
                        "Signalbox",
                        1,
                        good,
                        faulty(good, true, 0, 0, 0, Map.of()),
                        faulty(repetition(20, 1, 1), false, 1234, 2, 3, Map.of("BUSY", 4))),
                peer("NATS", 1, good)));

        assertThat(data.marks())
                .containsExactly(
                        new PageData.Mark(
                                "Signalbox",
                                10,
                                2,
                                "the generator was late (p99 7.3 ms): it may be what limits, not the server"),
                        new PageData.Mark("Signalbox", 20, 1, "1,234 lost, 2 duplicated, 3 out of order"),
                        new PageData.Mark("Signalbox", 20, 1, "refused 4 times: BUSY"));
    }
}
