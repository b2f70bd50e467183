package io.signalbox.load.link;

import io.signalbox.load.LoadException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A {@link LinkReceiver} as who started it sees it. Not thread-safe. */
final class ReceiverProcess implements AutoCloseable {
    /**
     * What it counted since it began; latencies since the last answer.
     *
     * @param missing numbers that were passed over
     */
    record Answer(long received, long outOfOrder, long missing, long p50Nanos, long p99Nanos, long maxNanos) {}

    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;
    private final int port;

    ReceiverProcess(LinkNode.Kind kind, long window, Path directory, int[] memberPorts)
            throws IOException, LoadException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LinkReceiver.class.getName(),
                kind.name(),
                Long.toString(window),
                directory.toString(),
                Integer.toString(memberPorts[1]),
                Integer.toString(memberPorts[0]));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("receiver.log").toFile()))
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        questions = process.outputWriter(StandardCharsets.UTF_8);
        port = Integer.parseInt(line());
    }

    private String line() throws IOException, LoadException {
        // Whatever a library says besides is no number.
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (!line.isEmpty() && Character.isDigit(line.charAt(0)) && line.indexOf(':') < 0) {
                return line;
            }
        }
        throw new LoadException("the receiving process ended");
    }

    int port() {
        return port;
    }

    Answer ask() throws IOException, LoadException {
        questions.write('\n');
        questions.flush();
        long[] numbers =
                Arrays.stream(line().split(" ")).mapToLong(Long::parseLong).toArray();
        return new Answer(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }

    /** With SIGSTOP; SIGCONT lets it go on. */
    void signal(String name) throws IOException, InterruptedException, LoadException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new LoadException("kill -" + name + " failed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
