package io.signalbox.load.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How many connections a process may have. */
final class OpenFiles {
    /** Jars, logs, pipes, event loops and the stores' connections. */
    private static final int OTHERS = 500;

    private OpenFiles() {}

    static int connectionsPerProcess() throws IOException {
        return connections(Files.readAllLines(Path.of("/proc/self/limits")));
    }

    static int connections(List<String> limits) throws IOException {
        return limits.stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.replace("Max open files", "").trim().split("\\s+")[0])
                .map(soft -> soft.equals("unlimited")
                        ? Integer.MAX_VALUE
                        : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(soft)))
                .mapToInt(limit -> limit - OTHERS)
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/limits does not tell"));
    }
}
