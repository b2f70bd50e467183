package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChaosResultTest {
    @TempDir
    Path directory;

    private static JournalAnalysis.Verdict messages(String... lines) {
        JournalAnalysis analysis = new JournalAnalysis();
        Stream.of(lines).map(Observation::parse).forEach(line -> analysis.see(line.orElseThrow()));
        return analysis.verdict();
    }

    private static ChaosResult result(
            JournalAnalysis.Verdict messages, int heard, List<String> taskFaults, List<String> complaints) {
        return new ChaosResult(
                "kills",
                3,
                7,
                1,
                Map.of(Fault.KILL_NODE, 2, Fault.KILL_ALL, 1),
                7,
                900,
                new ChaosResult.Probes(90, heard, 120),
                new Noticing(List.of(30L, 10L, 20L), List.of(400L, 1001L)),
                new Noticing(),
                messages,
                new TaskTraffic.Verdict(5, 1, 6, 0, taskFaults),
                complaints);
    }

    private static ChaosResult good() {
        return result(
                messages("invoke 1 0 7 NORMAL LOCAL", "ok 1 0", "received 1 0 7 1 true"), 90, List.of(), List.of());
    }

    static Stream<ChaosResult> badOnes() {
        return Stream.of(
                result(messages("invoke 1 0 7 NORMAL LOCAL", "ok 1 0"), 90, List.of(), List.of()),
                result(messages(), 89, List.of(), List.of("one did not hear")),
                result(messages(), 90, List.of("a task ended twice"), List.of()),
                result(messages(), 90, List.of(), List.of("not whole")));
    }

    @Test
    void shouldSayThatNothingIsLostAndHowItWent() {
        assertThat(good().isGood()).isTrue();
        assertThat(good().faults()).isEmpty();
        assertThat(good().lines())
                .contains(
                        "lost               0",
                        "live probes        90 of 90 heard, after 120 ms at most",
                        "killed, noticed    links 10 / 20 / 30 ms (3 times); membership 400 / 1001 / 1001 ms (2 times), 1 of them after 1000 ms",
                        "hung, noticed      never asked",
                        "Nothing that was acknowledged is lost.");
    }

    @ParameterizedTest
    @MethodSource("badOnes")
    void shouldFailForEachKindOfFault(ChaosResult bad) {
        assertThat(bad.isGood()).isFalse();
        assertThat(bad.faults()).hasSize(1).allMatch(line -> line.startsWith("FAULT "));
        assertThat(bad.lines()).contains("THE RUN FAILED.");
    }

    @Test
    void shouldBeReadableByPrograms() throws Exception {
        Path file = directory.resolve("results.json");
        good().write(file);

        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.at("/seed").asLong()).isEqualTo(7);
        assertThat(json.at("/done/KILL_NODE").asInt()).isEqualTo(2);
        assertThat(json.at("/messages/acknowledged").asLong()).isEqualTo(1);
        assertThat(json.at("/killed/members/0").asLong()).isEqualTo(400);
    }
}
