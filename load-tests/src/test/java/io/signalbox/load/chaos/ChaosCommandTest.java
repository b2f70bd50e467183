package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The short one of many: a few faults of each kind, done to three real nodes and their real stores. */
@Timeout(400)
class ChaosCommandTest {
    @TempDir
    Path directory;

    private final StringWriter output = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ChaosCommand())
                .setOut(new PrintWriter(output, true))
                .setErr(new PrintWriter(output, true))
                .execute(arguments);
    }

    @ParameterizedTest
    @CsvSource({"kills, 3, 3, 7", "partitions, 3, 3, 1", "pairs, 1, 2, 1"})
    void shouldLoseNothingThatWasAcknowledged(String scenario, String nodes, String faults, String seed) {
        int exitCode = run(
                "--scenario",
                scenario,
                "--nodes",
                nodes,
                "--minutes",
                "1",
                "--faults",
                faults,
                "--seed",
                seed,
                "--directory",
                directory + "/chaos");

        assertThat(output.toString()).contains("lost               0", "Nothing that was acknowledged is lost.");
        assertThat(exitCode).isZero();
        assertThat(directory.resolve("chaos/results.json")).isNotEmptyFile();
    }

    @Test
    void shouldSayWhatScenariosThereAre() {
        assertThat(run("--list")).isZero();
        assertThat(output.toString()).contains("kill-node", "mixed");
    }

    @ParameterizedTest
    @CsvSource({
        "--scenario, earthquake, kill-node",
        "--scenario, cut-peers, more than one node",
        "--pause, -1, expected a number"
    })
    void shouldExplainWhatItCannotDo(String option, String value, String explanation) {
        assertThat(run("--nodes", "1", option, value)).isEqualTo(2);
        assertThat(output.toString()).contains(explanation);
    }
}
