package io.signalbox.load.chaos;

import io.signalbox.load.chaos.LockHistory.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The processes of {@link LockWorker} as who started them sees them. For one thread. */
final class LockWorkers implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();
    private final List<Path> histories = new ArrayList<>();
    private final Path directory;

    LockWorkers(LocksCommand.Plan plan, List<String> urls, int resourcePort, Path directory) throws IOException {
        this.directory = directory;
        for (int i = 0; i < plan.processes(); i++) {
            Path history = directory.resolve("history-" + i);
            histories.add(history);
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LockWorker.class.getName(),
                    String.join(",", urls),
                    Integer.toString(i),
                    Integer.toString(resourcePort),
                    Integer.toString(plan.threads()),
                    Integer.toString(plan.locks()),
                    Integer.toString(Math.ceilDiv(plan.acquisitions(), plan.processes())),
                    Long.toString(plan.lease().toMillis()),
                    history.toString());
            processes.add(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("worker-" + i + ".log").toFile())
                    .start());
        }
    }

    boolean areRunning() {
        return processes.stream().anyMatch(Process::isAlive);
    }

    /** They end once they have taken as many locks as they were to. */
    void dismiss() throws IOException {
        for (Process process : processes) {
            process.getOutputStream().close();
        }
    }

    /** With SIGSTOP, then SIGCONT. */
    void pause(int process, Duration time) throws IOException, InterruptedException {
        Signals.hang(processes.get(process).toHandle(), time);
    }

    /** @return in the order of time; also written as EDN */
    List<Line> history(Path edn) throws IOException {
        for (int i = 0; i < processes.size(); i++) {
            if (processes.get(i).exitValue() != 0) {
                throw new IOException("a worker ended with " + processes.get(i).exitValue() + ": see "
                        + directory.resolve("worker-" + i + ".log"));
            }
        }
        return LockHistory.merge(histories, edn);
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
