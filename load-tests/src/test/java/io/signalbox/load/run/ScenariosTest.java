package io.signalbox.load.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.load.generator.Order.Traffic;
import io.signalbox.load.run.Scenario.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

class ScenariosTest {
    @Command(name = "load")
    private static final class Load {}

    private final StringWriter err = new StringWriter();

    private CommandLine commands() {
        CommandLine commands = new CommandLine(new Load());
        Scenarios.addTo(commands);
        return commands.setCaseInsensitiveEnumValuesAllowed(true).setErr(new PrintWriter(err, true));
    }

    @Test
    void shouldExplainEachScenarioWithItsDefaults() {
        assertThat(commands().getSubcommands())
                .containsOnlyKeys(
                        "storm",
                        "idle",
                        "pairs",
                        "request",
                        "fanout",
                        "hot",
                        "stream",
                        "durable",
                        "mixed",
                        "slow",
                        "reconnect",
                        "capacity")
                .allSatisfy((name, command) -> assertThat(command.getUsageMessage())
                        .containsPattern("Defaults: [\\d,]+ agents on [\\d,]+ connections")
                        .doesNotContain("%%"));
        assertThat(commands().getSubcommands().get("capacity").getUsageMessage())
                .contains("less than 99 % is delivered")
                .contains("steps of 10,000/s");
        assertThat(commands().getSubcommands().get("pairs").getUsageMessage())
                .contains("20,000/s and 30,000/s", "3 times");
        assertThat(commands().getSubcommands().get("durable").getUsageMessage())
                .contains("2,000 messages under way and 10,000/s")
                .doesNotContain("--nodes");
    }

    @ParameterizedTest
    @CsvSource({
        "storm --rate 5, Unknown option",
        "idle --repetitions 2, Unknown option",
        "pairs --reconnect-spread 5, Unknown option",
        "pairs --rate 0, needs a --window",
        "pairs --agents 0, at least 1",
        "pairs --agents-per-connection 0, at least 1",
        "storm --repetitions 0, at least 1",
        "pairs --rate -1, cannot be negative",
        "pairs --seconds 0, at least 1 second",
        "durable --nodes 2, Unknown option",
        "'durable --peers redis,signalbox', 'signalbox, or signalbox,redis'",
        "'durable --peers signalbox,netty', 'signalbox, or signalbox,redis'",
        "'pairs --peers signalbox,redis', redis is a peer of durable alone",
        "capacity --step 0, at least 1 message/s",
        "pairs --agents 100000000, raise it (ulimit -n)"
    })
    void shouldRefuseWhatMakesNoSense(String arguments, String said) {
        assertThat(commands().execute(arguments.split(" "))).isEqualTo(ExitCode.USAGE);

        assertThat(err.toString()).contains(said);
    }

    @Test
    void shouldLetOnlySlowReadersBeSlow() {
        assertThat(Arrays.stream(Kind.values()).filter(kind -> scenario(kind).slowEvery() > 0))
                .containsExactly(Kind.SLOW_READERS);
    }

    private static Scenario scenario(Kind kind) {
        return new Scenario("test", kind, Traffic.PAIRS, 10, 3, List.of(1), 0, 1, 1, 1, 1, 1);
    }

    @Test
    void shouldChangeNothingButTheTimeOfALongerScenario() {
        Scenario longer = scenario(Kind.TRAFFIC).lasting(9);

        assertThat(longer.seconds()).isEqualTo(9);
        assertThat(longer.lasting(1)).isEqualTo(scenario(Kind.TRAFFIC));
    }
}
