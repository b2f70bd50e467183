package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A short one, and the same without a check of tokens: it must be able to fail. */
@Timeout(400)
class LocksCommandTest {
    @TempDir
    Path directory;

    private final StringWriter output = new StringWriter();

    @ParameterizedTest
    @CsvSource({"--kills=1, 0, 0 stale writes accepted", "--unchecked, 1, stale writes were accepted"})
    void shouldAcceptNoStaleWriteWhereTokensAreChecked(String option, int exitCode, String verdict) throws IOException {
        String shortRun =
                "--only-safety --nodes 1 --processes 2 --threads 8 --locks 3 --lease 300 --acquisitions 200 --paused 12";
        String[] arguments = (shortRun + " " + option + " --directory " + directory + "/locks").split(" ");

        int exit = new CommandLine(new LocksCommand())
                .setOut(new PrintWriter(output, true))
                .setErr(new PrintWriter(output, true))
                .execute(arguments);

        assertThat(output.toString()).contains(verdict);
        assertThat(exit).isEqualTo(exitCode);
        assertThat(Files.readString(directory.resolve("locks/history.edn"))).contains(":f :cas", ":type :ok");
    }
}
