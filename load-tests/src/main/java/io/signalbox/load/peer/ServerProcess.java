package io.signalbox.load.peer;

import io.signalbox.load.LoadException;
import io.signalbox.load.generator.Layout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server program as a child process on a free port. Not thread-safe. */
final class ServerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int TAIL_LINES = 10;

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Returns when the port takes connections.
     *
     * @param pin processors that it may use, as {@code taskset} takes them; empty: all
     */
    static ServerProcess start(List<String> command, int port, String pin, Path log)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Processors.pinned(command, pin))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!takesConnections(port)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new LoadException(whyNot(command.getFirst(), process, port, log));
            }
            Thread.sleep(25);
        }
        return new ServerProcess(process, port);
    }

    private static String whyNot(String program, Process process, int port, Path log) throws IOException {
        String how = process.isAlive()
                ? "does not listen on port %d after %d s".formatted(port, PATIENCE.toSeconds())
                : "ended with " + process.exitValue();
        process.destroyForcibly();
        List<String> lines = Files.readAllLines(log);
        String tail = String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        return "%s %s. The end of %s:%n%s".formatted(program, how, log, tail);
    }

    private static boolean takesConnections(int port) {
        try (Socket probe = new Socket()) {
            probe.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false; // not yet: what the caller waits for
        }
    }

    Layout.Node node() {
        return new Layout.Node("127.0.0.1", port);
    }

    long pid() {
        return process.pid();
    }

    /** Ends it with SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
