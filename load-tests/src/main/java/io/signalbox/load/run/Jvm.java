package io.signalbox.load.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks JVMs under load, so that garbage is not taken for memory in use. */
final class Jvm {
    private Jvm() {}

    /** Collects the garbage of those processes that are JVMs. */
    static void collect(List<Long> pids) throws IOException, InterruptedException {
        for (long pid : pids) {
            if (isJvm(pid)) {
                collect(pid);
            }
        }
    }

    private static boolean isJvm(long pid) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), "comm")).startsWith("java");
    }

    private static void collect(long pid) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process asked = new ProcessBuilder(jcmd, Long.toString(pid), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!asked.waitFor(60, TimeUnit.SECONDS) || asked.exitValue() != 0) {
            asked.destroyForcibly();
            throw new IOException("jcmd could not collect the garbage of process " + pid);
        }
    }
}
