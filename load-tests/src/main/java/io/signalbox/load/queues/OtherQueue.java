package io.signalbox.load.queues;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.load.LoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A queue from npm, with producer and workers in one process of Node.js, on the same stores. */
final class OtherQueue {
    static final List<String> NAMES = List.of("pg-boss", "graphile-worker", "bullmq");

    private static final List<String> FILES = List.of("package.json", "bench.mjs");
    private static final int INSTALL_SECONDS = 300;
    private static final int SLACK_SECONDS = 90;

    private final Path folder;

    /** @param folder for programs and logs */
    OtherQueue(Path folder) {
        this.folder = folder;
    }

    static boolean isPossible() throws InterruptedException {
        try {
            return new ProcessBuilder("npm", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    /** Installs all of them. */
    void install() throws IOException, InterruptedException, LoadException {
        Files.createDirectories(folder);
        for (String file : FILES) {
            try (InputStream in = OtherQueue.class.getResourceAsStream(file)) {
                Files.write(folder.resolve(file), in.readAllBytes());
            }
        }
        Process npm = new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("npm.log").toFile())
                .start();
        if (!npm.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS) || npm.exitValue() != 0) {
            npm.destroyForcibly();
            throw new LoadException("npm could not install the other queues: see " + folder.resolve("npm.log"));
        }
    }

    /** @param settings as {@code bench.mjs} reads them. @return what it printed */
    JsonNode run(String queue, Map<String, String> settings, int seconds)
            throws IOException, InterruptedException, LoadException {
        Path log = folder.resolve(queue + ".log");
        ProcessBuilder bench = new ProcessBuilder("node", "bench.mjs")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        bench.environment().putAll(settings);
        bench.environment().put("QUEUE", queue);
        Process process = bench.start();
        boolean ended = process.waitFor(seconds + SLACK_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
        if (!ended || process.exitValue() != 0 || lines.isEmpty()) {
            throw new LoadException(queue + " failed: " + String.join(" ", lines));
        }
        return new ObjectMapper().readTree(lines.getLast());
    }
}
