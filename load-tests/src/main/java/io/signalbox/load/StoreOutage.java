package io.signalbox.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Stops the PostgreSQL that a node started, with SIGSTOP: it hangs, and its connections stay open. */
final class StoreOutage {
    private StoreOutage() {}

    /**
     * Returns when PostgreSQL goes on.
     *
     * @throws IOException when the node has no PostgreSQL of its own
     */
    static void last(long nodePid, Duration time) throws IOException, InterruptedException {
        List<String> processes = postgres(nodePid);
        if (processes.isEmpty()) {
            throw new IOException("process " + nodePid + " has no PostgreSQL below it to stop");
        }
        signal("STOP", processes);
        try {
            Thread.sleep(time);
        } finally {
            signal("CONT", processes);
        }
    }

    private static List<String> postgres(long nodePid) {
        return ProcessHandle.of(nodePid)
                .map(ProcessHandle::descendants)
                .orElse(Stream.empty())
                .filter(process -> process.info().command().orElse("").endsWith("/postgres"))
                .map(process -> Long.toString(process.pid()))
                .toList();
    }

    private static void signal(String signal, List<String> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        command.addAll(processes);
        int exitCode = new ProcessBuilder(command).inheritIO().start().waitFor();
        // One of them may have ended by itself between; it matters only when they are to stop.
        if (exitCode != 0 && signal.equals("STOP")) {
            throw new IOException(String.join(" ", command) + " ended with " + exitCode);
        }
    }
}
