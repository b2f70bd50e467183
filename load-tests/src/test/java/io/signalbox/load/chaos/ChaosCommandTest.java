package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The short one of many: a minute of kill -9 of a real node and its real stores. */
@Timeout(400)
class ChaosCommandTest {
    @TempDir
    Path directory;

    private final StringWriter output = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new ChaosCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(output, true))
                .setErr(new PrintWriter(output, true))
                .execute(arguments);
    }

    @Test
    void shouldLoseNothingThatWasAcknowledgedInAMinuteOfKills() {
        int exitCode = run("--scenario", "kills", "--minutes", "1", "--seed", "1", "--directory", directory + "/chaos");

        assertThat(output.toString()).contains("lost               0", "Nothing that was acknowledged is lost.");
        assertThat(exitCode).isZero();
    }

    @Test
    void shouldSayWhatScenariosThereAre() {
        assertThat(run("--scenario", "earthquake")).isEqualTo(2);
        assertThat(output.toString()).contains("kill-node", "mixed");
    }
}
