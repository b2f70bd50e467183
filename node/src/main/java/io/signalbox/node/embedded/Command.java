package io.signalbox.node.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short programs that are run to their end. Blocking, with a deadline. */
final class Command {
    private Command() {}

    static List<String> prefixed(List<String> prefix, List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return List.copyOf(whole);
    }

    /** False also when there is no such program or it took too long. */
    static boolean succeeds(List<String> command, Duration time) {
        try {
            return exitCode(
                            builder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD),
                            time)
                    == 0;
        } catch (IOException | StoreException absentOrTooSlow) {
            return false;
        }
    }

    /** @throws StoreException unless it ends with 0 in time; with the end of its log */
    static void run(String what, List<String> command, ChildLog log, Duration time) throws IOException {
        int code = exitCode(builder(command).redirectErrorStream(true).redirectOutput(log.appending()), time);
        if (code != 0) {
            throw new StoreException(what + " failed with exit code " + code + log.ending());
        }
    }

    /** Asks a process to end, or makes it; the shell's own {@code kill} is everywhere. */
    static void signal(long pid, Signal signal) {
        succeeds(List.of("sh", "-c", "kill -" + signal + " " + pid), Duration.ofSeconds(5));
    }

    /** In an environment that does not change what a server does or says. */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return builder;
    }

    private static int exitCode(ProcessBuilder builder, Duration time) throws IOException {
        Process process = builder.start();
        try {
            if (process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
            throw new StoreException(builder.command().getFirst() + " did not end within " + time.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
