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

    @Test
    void shouldFindAllMessagesOfTheFloor() throws IOException, InterruptedException {
        Scenario scenario = new Scenario("pairs", Traffic.PAIRS, AGENTS, 1, List.of(200), 0, 256, 1, 2, 1, 0, false);
        Results.PeerResult floor;
        try (Peer peer = Peers.NETTY.create(new Peers.Wish(1, AGENTS, Map.of(), false, "", 1, home));
                ScenarioRun run = new ScenarioRun(scenario, PER_PROCESS, "", home, said::add, line -> {})) {
            floor = run.run(List.of(peer)).getFirst();
        }

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
}
