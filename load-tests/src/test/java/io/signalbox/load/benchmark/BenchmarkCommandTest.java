package io.signalbox.load.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchmarkCommandTest {
    private final StringWriter err = new StringWriter();
    private final CommandLine command = new CommandLine(new BenchmarkCommand()).setErr(new PrintWriter(err));

    /** The names come from the list that JMH's annotation processor made in the build. */
    @Test
    void shouldNameTheBenchmarksWhenNoneMatches() {
        int exitCode = command.execute("nothing of that name");

        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString())
                .contains("'nothing of that name'", "  Codec.readHeader\n", "  MessagePath.frameToBatch\n");
    }

    @Test
    void shouldRefuseAPatternThatIsNoRegularExpression() {
        int exitCode = command.execute("Codec[");

        assertThat(exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("Not a regular expression");
    }
}
