package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.generator.Latencies;
import io.signalbox.load.generator.Order.Traffic;
import io.signalbox.load.generator.Report;
import io.signalbox.load.peer.Peer;
import io.signalbox.load.peer.Peers;
import io.signalbox.load.report.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole harness in small: a server process, two generator processes, real sockets. */
class ScenarioRunTest {
    private static final int AGENTS = 20;
    private static final int PER_PROCESS = 10;

    private final List<String> said = new ArrayList<>();

    @TempDir
    private Path home;

    private static Scenario scenario(Scenario.Kind kind, Traffic traffic, int repetitions) {
        return new Scenario("test", kind, traffic, AGENTS, 1, List.of(200), 0, 256, 1, 2, repetitions, 100);
    }

    private Results.PeerResult floor(Scenario scenario) throws IOException, InterruptedException {
        try (Peer peer = Peers.NETTY.create(new Peers.Wish(1, AGENTS, Map.of(), false, "", 1, home));
                ScenarioRun run = new ScenarioRun(scenario, PER_PROCESS, "", home, said::add, line -> {})) {
            return run.run(List.of(peer)).getFirst();
        }
    }

    @Test
    void shouldFindAllMessagesOfTheFloor() throws IOException, InterruptedException {
        Results.PeerResult floor = floor(scenario(Scenario.Kind.TRAFFIC, Traffic.PAIRS, 1));

        assertThat(floor.connecting().connections()).isEqualTo(AGENTS);
        assertThat(floor.connecting().failures()).isEmpty();
        assertThat(floor.memory().started()).isPositive();
        Results.Repetition repetition = floor.repetitions().getFirst();
        assertThat(repetition.sent()).as("three seconds").isEqualTo(600);
        assertThat(repetition.received()).isEqualTo(600);
        assertThat(repetition.isSound()).isTrue();
        assertThat(repetition.refused()).isEmpty();
        assertThat(Latencies.decode(repetition.latency()).getTotalCount())
                .as("two seconds")
                .isEqualTo(400);
        assertThat(repetition.seconds().stream().map(Report.Second::at)).containsExactly(0, 1);
        assertThat(repetition.cpuMicros()).isPositive();
        assertThat(said).hasSize(2).allMatch(line -> line.startsWith("bare Netty router "));
    }

    @Test
    void shouldConnectAllAgainInEachStorm() throws IOException, InterruptedException {
        Results.PeerResult floor = floor(scenario(Scenario.Kind.STORM, Traffic.PAIRS, 2));

        assertThat(floor.findings().connects()).hasSize(2).allSatisfy(storm -> {
            assertThat(storm.failures()).isEmpty();
            assertThat(storm.seconds()).isPositive();
            assertThat(storm.handshakeP50Ms()).isPositive();
        });
        assertThat(floor.repetitions()).isEmpty();
    }

    @Test
    void shouldComeBackAfterAKillAndThenLoseNothing() throws IOException, InterruptedException {
        Results.PeerResult floor = floor(scenario(Scenario.Kind.RECONNECT, Traffic.PAIRS, 1));

        assertThat(floor.findings().connects())
                .singleElement()
                .satisfies(back -> assertThat(back.failures()).containsEntry("connection lost", AGENTS))
                .satisfies(back -> assertThat(back.seconds()).isGreaterThanOrEqualTo(back.readySeconds()));
        assertThat(floor.repetitions())
                .singleElement()
                .satisfies(run -> assertThat(run.received()).isEqualTo(600))
                .matches(Results.Repetition::isSound);
    }
}
