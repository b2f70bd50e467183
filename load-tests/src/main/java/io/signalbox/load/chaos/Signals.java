package io.signalbox.load.chaos;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Signals to processes that this one started. */
final class Signals {
    private Signals() {}

    static void kill(ProcessHandle process) throws IOException, InterruptedException {
        send("KILL", List.of(process));
    }

    /** The process and what it started hang for the time, then they go on. */
    static void hang(ProcessHandle process, Duration time) throws IOException, InterruptedException {
        List<ProcessHandle> all =
                Stream.concat(Stream.of(process), process.descendants()).toList();
        send("STOP", all);
        try {
            Thread.sleep(time);
        } finally {
            send("CONT", all);
        }
    }

    private static void send(String name, List<ProcessHandle> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        // What ended by itself meanwhile is complained about, and is no fault.
        int exitCode = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (exitCode != 0 && processes.stream().allMatch(ProcessHandle::isAlive)) {
            throw new IOException(String.join(" ", command) + " ended with " + exitCode);
        }
    }
}
