package io.signalbox.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, for it is about signals and exit codes. */
@Timeout(120)
class UpCommandTest {
    @TempDir
    Path directory;

    private Optional<Process> started = Optional.empty();

    @AfterEach
    void kill() throws InterruptedException {
        if (started.isPresent()) {
            started.get().destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldStopEverythingWhenAskedToWhileStarting() throws Exception {
        // Unpacked once for all tests.
        Path programs = Files.createDirectories(Path.of("target", "embedded-programs"));
        Path data = Files.createDirectories(directory.resolve("data"));
        Files.createSymbolicLink(data.resolve("bin"), programs.toAbsolutePath());
        Process process = up(data);
        BufferedReader output = process.inputReader();
        String before = readUntil(output, "Limits:");

        // Not Process.destroy, which closes the streams as well.
        process.toHandle().destroy();
        String after = output.lines().collect(Collectors.joining("\n"));

        assertThat(process.waitFor()).as(before + after).isZero();
        assertThat(after).contains("Stopping; requests under way get at most 10 s", "Stopped.");
        assertThat(after).doesNotContain("\tat ");
        assertThat(processesThatName(directory)).isEmpty();
    }

    @Test
    void shouldTellTheOperatorWhenTheNodeCannotStart() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        Process process = up(file);
        String output = process.inputReader().lines().collect(Collectors.joining("\n"));

        assertThat(process.waitFor()).as(output).isEqualTo(1);
        assertThat(output)
                .contains(file.toString())
                .doesNotContain("\tat ", "Exception in thread", "Node node-1 is stopped");
    }

    private Process up(Path dataDirectory) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "up",
                "--set",
                "gateway.port=0",
                "--set",
                "node.data-directory=" + dataDirectory);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        started = Optional.of(process);
        return process;
    }

    private static String readUntil(BufferedReader output, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (!read.toString().contains(text)) {
            read.append(Optional.ofNullable(output.readLine()).orElseThrow(() -> new AssertionError(read)))
                    .append('\n');
        }
        return read.toString();
    }

    private static Stream<String> processesThatName(Path directory) {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(directory.toString()));
    }
}
