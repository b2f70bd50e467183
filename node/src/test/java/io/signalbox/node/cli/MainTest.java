package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.node.client.FakeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    @TempDir
    Path directory;

    static Stream<List<String>> everyCommand() {
        List<List<String>> commands = new ArrayList<>();
        collect(Main.commandLine(), List.of(), commands);
        return commands.stream();
    }

    private static void collect(CommandLine command, List<String> path, List<List<String>> all) {
        all.add(path);
        command.getSubcommands().forEach((name, child) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            collect(child, longer, all);
        });
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void shouldExplainEveryCommandWhenAskedForHelp(List<String> command) {
        List<String> arguments = new ArrayList<>(command);
        arguments.add("--help");

        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith("Usage: signalbox " + String.join(" ", command))
                .contains("--help");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void shouldShowTheVersion() {
        assertThat(CommandRun.of("--version").out()).startsWith("signalbox ").contains("on Java 25");
    }

    @Test
    void shouldBeUsedWronglyWhenThereIsNoCommand() {
        CommandRun run = CommandRun.of();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Missing required subcommand", "Usage: signalbox");
    }

    @Test
    void shouldGuessWhatWasMeantWhenACommandIsMistyped() {
        CommandRun run = CommandRun.of("taks");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("signalbox task").doesNotContain("Usage: ");
    }

    @Test
    void shouldSayWhatIsWrongInsteadOfAllThatIsPossible() {
        CommandRun run = CommandRun.of("task", "submit", "--wait");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines())
                .containsExactly(
                        "Missing required option: '--skill=NAME'", "How it is used: signalbox task submit --help");
    }

    @Test
    void shouldNameAnOptionOnceWhenItsValueIsNoPair() {
        assertThat(CommandRun.of("config", "--set", "gateway.port").err())
                .contains("option '--set'")
                .doesNotContain("option option");
    }

    @Test
    void shouldHelpWhenAskedInWords() {
        assertThat(CommandRun.of("help").out())
                .isEqualTo(CommandRun.of("--help").out());
        assertThat(CommandRun.of("help", "task").out())
                .isEqualTo(CommandRun.of("task", "--help").out());
        assertThat(CommandRun.of("help", "task", "sumbit").exitCode()).isEqualTo(2);
    }

    @Test
    void shouldTakeTheTokenFromAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "a.b.c\n");
        try (FakeNode node = new FakeNode()) {
            node.answer("GET /v1/skills?limit=100", 200, "{\"skills\":[]}");

            CommandRun.at(node.url(), "skills", "--token-file", file.toString());

            assertThat(node.onlyRequest().header("authorization")).contains("Bearer a.b.c");
        }
    }

    @Test
    void shouldSaySoWhenTheTokenFileCannotBeRead() {
        CommandRun run = CommandRun.of(
                "skills", "--token-file", directory.resolve("missing").toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("The token file", "missing cannot be read: no such file or folder");
    }

    @Test
    void shouldSaySoWhenThereIsNobodyToTrustInTheFile() throws IOException {
        Path file = Files.writeString(directory.resolve("trusted.pem"), "");

        CommandRun run = CommandRun.of("skills", "--trust", file.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--trust", "holds no certificate");
    }

    @Test
    void shouldPrintAnExampleOfTheConfiguration() {
        CommandRun run = CommandRun.of("config");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("node:\n").contains("  port: 4280");
    }

    @Test
    void shouldPrintTheConfigurationThatItComesTo() throws IOException {
        Path file = Files.writeString(directory.resolve("node.yaml"), "gateway: {port: 17, heartbeat: 2s}");

        CommandRun run = CommandRun.of(
                "config",
                "--effective",
                "--config",
                file.toString(),
                "--set",
                "gateway.port=18",
                "--set",
                "redis.password=x");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("  port: 18", "  heartbeat: 2s", "password: \"******\"");
    }

    @Test
    void shouldListWhatIsWrongWhenTheConfigurationIsUnusable() {
        CommandRun run = CommandRun.of("up", "--set", "gateway.port=x", "--set", "gateway.hots=y");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("gateway.port = \"x\" (argument)", "did you mean gateway.host?")
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--agents=0", "--tasks=0", "--rate=0", "--rate=-1"})
    void shouldRefuseADemoThatShowsNothing(String option) {
        CommandRun run = CommandRun.of("demo", option);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(option.replace('=', ' ') + ": expected a number from 1 on");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "17"})
    void shouldRefuseSoManyNodesThatNobodyCanWant(String nodes) {
        CommandRun run = CommandRun.of("up", "--nodes", nodes);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().strip()).isEqualTo("--nodes " + nodes + ": expected 1 to 16");
    }

    @Test
    void shouldPrintACompletionThatBashUnderstands() throws Exception {
        CommandRun run = CommandRun.of("completion");
        Path script = Files.writeString(directory.resolve("completion.bash"), run.out());

        assertThat(run.exitCode()).isZero();
        assertThat(bash("-n", script.toString())).isEmpty();
        assertThat(bash("-c", ". '" + script + "' && complete -p signalbox")).contains("signalbox");
        assertThat(run.out()).contains("--idempotency-key", "publish");
        assertThat(run.out()).as("what the launcher does itself").contains(" java load jdk\"");
    }

    @Test
    void shouldShowTheCommandsOfTheCompletionInOneLineEach() {
        assertThat(CommandRun.of("completion", "--help").out().lines())
                .contains("./signalbox completion > ~/.local/share/bash-completion/completions/signalbox");
    }

    private static String bash(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
