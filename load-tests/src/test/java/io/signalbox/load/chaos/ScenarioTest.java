package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenarioTest {
    private static Stream<List<Fault>> drawn(String name, int nodes) {
        Scenario scenario = Scenario.named(name).orElseThrow().with(nodes);
        Random random = new Random(11);
        return IntStream.range(0, 2000).mapToObj(i -> scenario.next(random));
    }

    private static Set<Fault> faults(String name, int nodes) {
        return drawn(name, nodes).flatMap(List::stream).collect(Collectors.toSet());
    }

    private static Set<Fault> all(Predicate<Fault> wanted) {
        return EnumSet.allOf(Fault.class).stream().filter(wanted).collect(Collectors.toSet());
    }

    static Stream<Scenario> everyScenario() {
        return Scenario.all().stream();
    }

    @ParameterizedTest
    @MethodSource("everyScenario")
    void shouldBeNamedAndExplained(Scenario scenario) {
        assertThat(Scenario.named(scenario.name().toUpperCase())).contains(scenario);
        assertThat(Scenario.lines()).contains("%-14s %s".formatted(scenario.name(), scenario.meaning()));
    }

    @Test
    void shouldHaveAScenarioForEachFault() {
        for (Fault fault : Fault.values()) {
            assertThat(faults(fault.toString(), 3)).containsExactly(fault);
        }
    }

    @Test
    void shouldKillInEachWayWhenItKills() {
        assertThat(faults("kills", 3)).isEqualTo(all(fault -> fault.kills(3) > 0 && !fault.needsReplica()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixed", "pairs"})
    void shouldDoAllButWhatIsForbidden(String name) {
        Set<Fault> wanted = all(fault -> fault != Fault.FLUSH_REDIS && !fault.needsFullDisk() && !fault.needsReplica());

        assertThat(faults(name, 3)).isEqualTo(wanted);
    }

    @Test
    void shouldLeaveAloneWhatANodeWithoutPeersCannotLose() {
        assertThat(faults("mixed", 1)).noneMatch(Fault::needsPeers).contains(Fault.CUT_REDIS, Fault.KILL_NODE);
        assertThat(Scenario.named("cut-peers").orElseThrow().with(1).faults()).isEmpty();
    }

    @Test
    void shouldPairFaultsOfDifferentThingsOrOfTwoNodes() {
        List<List<Fault>> pairs =
                drawn("pairs", 3).filter(two -> two.size() == 2).toList();

        assertThat(pairs)
                .isNotEmpty()
                .allMatch(two -> two.getFirst().subject() != two.getLast().subject()
                        || two.getFirst().subject() == Fault.Subject.NODE)
                .noneMatch(two -> two.stream().anyMatch(fault -> fault.subject() == Fault.Subject.CLUSTER));
    }

    @Test
    void shouldDrawFromSeveralByName() {
        assertThat(faults("kill-redis,stop-node", 3)).containsExactlyInAnyOrder(Fault.KILL_REDIS, Fault.STOP_NODE);
        assertThat(drawn("pairs,kill-redis", 3)).anyMatch(faults -> faults.size() == 2);
    }

    @Test
    void shouldHaveAReplicaOfRedisForWhatNeedsIt() {
        Scenario lost = Scenario.named("lose-primary,kill-node").orElseThrow();

        assertThat(lost.isReplicated()).isTrue();
        assertThat(lost.isContradictory()).isFalse();
        assertThat(Scenario.named("lose-primary,kill-redis").orElseThrow().isContradictory())
                .isTrue();
        assertThat(Scenario.named("kill-redis,flush-redis").orElseThrow().isContradictory())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"earthquake", "kill-node,earthquake", ""})
    void shouldKnowNoOthers(String name) {
        assertThat(Scenario.named(name)).isEmpty();
    }
}
