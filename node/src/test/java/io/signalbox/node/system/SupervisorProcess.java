package io.signalbox.node.system;

import static io.signalbox.node.system.Eventually.eventually;

import io.signalbox.node.process.NodeProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code signalbox up --nodes 2} as a process of its own; what it started ends with the test, whatever happens. */
final class SupervisorProcess implements AutoCloseable {
    private final Path data;
    private final Process process;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final Thread reader;

    /** @param data its data directory, by which its nodes and stores are recognised */
    SupervisorProcess(Path data, Map<String, String> settings) throws IOException {
        this.data = data;
        List<String> command = new ArrayList<>(NodeProcess.program(NodeProcess.jvmSettings()));
        command.addAll(List.of("--nodes", "2", "--set", "node.data-directory=" + data));
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        reader = Thread.ofVirtual().start(() -> read(process.inputReader()));
    }

    private void read(BufferedReader lines) {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Process process() {
        return process;
    }

    /** Everything that was written so far. */
    String output() {
        return String.join("\n", output);
    }

    /** Everything that was written; to be called when the process has ended. */
    String wholeOutput() throws InterruptedException {
        reader.join();
        return output();
    }

    void awaitReady() throws Exception {
        awaitOutput("2 nodes are ready");
    }

    void awaitOutput(String text) throws Exception {
        eventually(text + " in the output:\n" + output(), () -> {
            if (!process.isAlive() && !output().contains(text)) {
                throw new AssertionError("ended without " + text + ":\n" + wholeOutput());
            }
            return output().contains(text);
        });
    }

    /** Process id of a node's JVM. */
    ProcessHandle node(String id) {
        return running("nodes/" + id).findFirst().orElseThrow();
    }

    /** Of nodes and stores; and of the supervisor itself. */
    Stream<ProcessHandle> running() {
        return running("");
    }

    private Stream<ProcessHandle> running(String below) {
        String argument = data.resolve(below).toString();
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process).contains(argument));
    }

    /** Of all that runs here. */
    String commandLines() {
        return running().map(SupervisorProcess::commandLine).collect(Collectors.joining("\n"));
    }

    /** ProcessHandle knows none that is longer than a page, as those of JVMs are. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException gone) {
            return "";
        }
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly().waitFor();
        running().forEach(ProcessHandle::destroyForcibly);
        eventually("nothing is left", () -> running().findAny().isEmpty());
    }
}
