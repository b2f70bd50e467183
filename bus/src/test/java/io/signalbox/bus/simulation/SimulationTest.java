package io.signalbox.bus.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.bus.simulation.SimulatedNetwork.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final Faults WILD = new Faults(0.2, 0.2, Duration.ZERO, Duration.ofMillis(50), false);

    /** What arrives, with its time, when numbers are sent every 10 ms. */
    private static List<String> history(long seed, Faults faults) {
        Simulation simulation = new Simulation(seed);
        SimulatedNetwork<Integer> network = new SimulatedNetwork<>(simulation);
        List<String> arrived = new ArrayList<>();
        Instant begin = simulation.now();
        network.join(
                "b",
                (from, number) -> arrived.add(from + number + "@"
                        + Duration.between(begin, simulation.now()).toNanos()));
        network.faults(faults);
        for (int i = 0; i < 100; i++) {
            int number = i;
            simulation.after(Duration.ofMillis(10L * i), () -> network.send("a", "b", number));
        }
        simulation.runFor(Duration.ofSeconds(2));
        return arrived;
    }

    private static List<Integer> numbers(List<String> history) {
        return history.stream()
                .map(each -> Integer.parseInt(each.substring(1, each.indexOf('@'))))
                .toList();
    }

    @Test
    void shouldRepeatAHistoryFromItsSeed() {
        assertThat(history(1, WILD)).isEqualTo(history(1, WILD)).isNotEqualTo(history(2, WILD));
    }

    @Test
    void shouldLoseRepeatAndReorder() {
        List<Integer> arrived = numbers(history(1, WILD));

        long different = arrived.stream().distinct().count();
        assertThat(different).isBetween(60L, 95L);
        assertThat(arrived).hasSizeGreaterThan((int) different);
        assertThat(arrived.stream().sorted().toList()).isNotEqualTo(arrived);
    }

    @Test
    void shouldKeepTheOrderOfAPathWhereAskedTo() {
        List<Integer> arrived = numbers(history(3, new Faults(0, 0, Duration.ZERO, Duration.ofMillis(50), true)));

        assertThat(arrived).hasSize(100).isSorted();
    }

    @Test
    void shouldLoseWhatIsUnderWayWhenThePathIsCut() {
        Simulation simulation = new Simulation(1);
        SimulatedNetwork<String> network = new SimulatedNetwork<>(simulation);
        List<String> arrived = new ArrayList<>();
        network.join("a", (from, message) -> arrived.add(message));
        network.join("b", (from, message) -> arrived.add(message));

        network.send("a", "b", "cut off");
        network.send("b", "a", "other way");
        network.cut("a", "b");
        simulation.runFor(Duration.ofSeconds(1));
        network.heal();
        network.send("a", "b", "healed");
        network.leave("a");
        network.send("b", "a", "to nobody");
        simulation.runFor(Duration.ofSeconds(1));

        assertThat(arrived).containsExactly("other way", "healed");
    }

    @Test
    void shouldRunEventsOfOneMomentInTheirOrderAndRepeatWhatIsPeriodic() {
        Simulation simulation = new Simulation(1);
        List<String> happened = new ArrayList<>();
        simulation.after(Duration.ofMillis(20), () -> happened.add("first"));
        simulation.after(Duration.ofMillis(20), () -> happened.add("second"));
        simulation.every(Duration.ofMillis(10), () -> happened.size() < 4, () -> happened.add("tick"));

        assertThat(simulation.runUntil(() -> happened.size() == 4, Duration.ofSeconds(1)))
                .isTrue();
        assertThat(simulation.runUntil(() -> happened.size() == 5, Duration.ofSeconds(1)))
                .isFalse();

        assertThat(happened).containsExactly("tick", "first", "second", "tick");
    }

    @Test
    void shouldNameTheSeedThatFails() {
        List<Long> run = new ArrayList<>();

        assertThatThrownBy(() -> Seeds.forEach(5, seed -> {
                    run.add(seed);
                    throw new IllegalStateException("broken");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("broken")
                .satisfies(failure -> assertThat(failure).hasMessageContaining("-Dsignalbox.seed=" + run.getFirst()));
        assertThat(run).hasSize(1);
    }
}
