package io.signalbox.node.process;

import io.signalbox.node.client.Trust;
import io.signalbox.node.embedded.FreePort;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A node in a process of its own, which can be killed and started again at the same address: for the demo, the load
 * tests and tests of recovery. Not thread-safe.
 */
public final class NodeProcess implements AutoCloseable {
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(25);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);
    private static final int TAIL_LINES = 20;
    private static final String CERTIFICATE = "gateway.tls-certificate-file";

    private final Path directory;
    private final Map<String, String> settings;
    private final String processors;
    private final int port;
    private final HttpClient http;
    private Optional<Process> process = Optional.empty();

    /**
     * @param directory gets the node's data directory and its log; kept when the process ends
     * @param settings configuration keys and values besides port and data directory
     */
    public NodeProcess(Path directory, Map<String, String> settings) throws IOException {
        this(directory, settings, "");
    }

    /** @param processors that the node may use, as {@code taskset} takes them; empty: all */
    public NodeProcess(Path directory, Map<String, String> settings, String processors) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.settings = Map.copyOf(settings);
        this.processors = processors;
        this.port = FreePort.find(ThreadLocalRandom.current());
        this.http = isTls()
                ? HttpClient.newBuilder()
                        .sslContext(Trust.in(Path.of(this.settings.get(CERTIFICATE))))
                        .build()
                : HttpClient.newHttpClient();
    }

    private boolean isTls() {
        return settings.containsKey(CERTIFICATE);
    }

    public String url() {
        return (isTls() ? "https" : "http") + "://127.0.0.1:" + port;
    }

    /** What the node wrote, over all its starts. */
    public Path log() {
        return directory.resolve("node.log");
    }

    public long pid() {
        return process.orElseThrow().pid();
    }

    /**
     * Starts the node and waits until it is ready.
     *
     * @return how long that took
     * @throws IOException when it ended or was not ready in time; the message has the end of its log
     */
    public Duration start(Duration patience) throws IOException, InterruptedException {
        return start(patience, List.of());
    }

    /** @param jvmOptions of this start alone, such as {@code -Dname=value} */
    public Duration start(Duration patience, List<String> jvmOptions) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Process started = new ProcessBuilder(command(jvmOptions))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        process = Optional.of(started);
        while (!isReady()) {
            Duration passed = Duration.ofNanos(System.nanoTime() - begin);
            if (!started.isAlive() || passed.compareTo(patience) > 0) {
                String how = started.isAlive() ? "is not ready after " + patience : "ended with " + started.exitValue();
                started.destroyForcibly();
                throw new IOException("The node " + how + ". The end of its log:\n" + tail());
            }
            Thread.sleep(PROBE_INTERVAL);
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private List<String> command(List<String> jvmOptions) {
        List<String> command = new ArrayList<>(processors.isEmpty() ? List.of() : List.of("taskset", "-c", processors));
        List<String> options = new ArrayList<>(jvmSettings());
        options.addAll(jvmOptions);
        command.addAll(program(options));
        command.addAll(
                List.of("--set", "gateway.port=" + port, "--set", "node.data-directory=" + directory.resolve("data")));
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        return command;
    }

    /** What starts a node with this process's program; the node's own arguments come after it. */
    public static List<String> program(List<String> jvmOptions) {
        List<String> program = new ArrayList<>();
        program.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        program.addAll(jvmOptions);
        program.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.signalbox.node.cli.Main",
                "up"));
        return List.copyOf(program);
    }

    /** Those of this process, which the launcher chose for a node, too. */
    public static List<String> jvmSettings() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-XX:") && !argument.contains("AOT"))
                .toList();
    }

    private boolean isReady() throws InterruptedException {
        HttpRequest probe = HttpRequest.newBuilder(URI.create(url() + "/readyz"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return http.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet: what the caller waits for
        }
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log());
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    /** Ends the process with SIGKILL. What it started is left to the next start. */
    public void kill() throws InterruptedException {
        Process running = process.orElseThrow();
        running.destroyForcibly();
        running.waitFor();
    }

    /** Ends the process with SIGTERM, which drains; kills it when that takes more than a minute. */
    @Override
    public void close() {
        process.filter(Process::isAlive).ifPresent(NodeProcess::stop);
        http.close();
    }

    private static void stop(Process running) {
        running.destroy();
        try {
            if (!running.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
