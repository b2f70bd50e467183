package io.signalbox.load.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.load.LoadException;
import io.signalbox.load.generator.GeneratorProcess;
import io.signalbox.load.generator.Order;
import io.signalbox.load.generator.Report;
import io.signalbox.load.peer.Processors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A generator process as who started it sees it. Orders from one thread; reports are read on a thread of its own. */
final class Generator implements AutoCloseable {
    /** Some 250 bytes of garbage for each message: enough for a minute of 30,000/s without a collection. */
    private static final String YOUNG_HEAP = "-Xmn600m";

    /** What is left of it holds 19,000 connections several times over; eight generators fit into half of 24 GiB. */
    private static final String HEAP = "-Xmx1200m";

    private final Process process;
    private final Writer orders;
    private final ObjectMapper json = new ObjectMapper();
    private final BlockingQueue<Report> results = new LinkedBlockingQueue<>();

    /** @param progress told on another thread */
    Generator(String processors, Path log, Consumer<Report.Progress> progress) throws IOException {
        List<String> command = Processors.pinned(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        YOUNG_HEAP,
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GeneratorProcess.class.getName()),
                processors);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        orders = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().start(() -> read(progress, log));
    }

    private void read(Consumer<Report.Progress> progress, Path log) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Report report = json.readValue(line, Report.class);
                if (report instanceof Report.Progress step) {
                    progress.accept(step);
                } else {
                    results.add(report);
                }
            }
            results.add(new Report.Failed("it ended; see " + log));
        } catch (IOException e) {
            results.add(new Report.Failed("it cannot be read: " + e.getMessage()));
        }
    }

    void tell(Order order) throws IOException {
        orders.write(json.writerFor(Order.class).writeValueAsString(order));
        orders.write('\n');
        orders.flush();
    }

    /** The next report of a kind; what it told before is passed over. */
    <R extends Report> R await(Class<R> kind, Duration patience) throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Report report = results.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (report == null) {
                throw new LoadException("a generator process told no " + kind.getSimpleName() + " within " + patience);
            }
            if (report instanceof Report.Failed failed) {
                throw new LoadException("a generator process gave up: " + failed.reason());
            }
            if (kind.isInstance(report)) {
                return kind.cast(report);
            }
        }
    }

    /** Whether it told something that nobody waited for: it lost connections, or gave up. */
    boolean hasUnexpected() {
        return !results.isEmpty();
    }

    /** What it told so far does not matter any more. */
    void forget() {
        results.clear();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
