package io.signalbox.load.run;

import io.signalbox.load.LoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks JVMs under load, so that garbage is not taken for memory in use. */
final class Jvm {
    private static final Pattern USED = Pattern.compile("\\bused (\\d+)([KM])");

    /** From the last work to the reading of memory. */
    private static final Duration SETTLE = Duration.ofSeconds(3);

    private Jvm() {}

    /** Garbage away, and then a while: a JVM gives memory back to the system bit by bit. */
    static void settle(List<Long> pids) throws IOException, InterruptedException {
        Thread.sleep(SETTLE);
        for (long pid : pids) {
            if (isJvm(pid)) {
                collect(pid);
            }
        }
        Thread.sleep(SETTLE);
    }

    private static boolean isJvm(long pid) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), "comm")).startsWith("java");
    }

    private static void collect(long pid) throws IOException, InterruptedException {
        ask(pid, "GC.run");
    }

    /** Bytes of live objects in those processes that are JVMs, after a collection. */
    static long liveHeap(List<Long> pids) throws IOException, InterruptedException {
        long live = 0;
        for (long pid : pids) {
            if (isJvm(pid)) {
                collect(pid);
                live += usedHeap(ask(pid, "GC.heap_info"));
            }
        }
        return live;
    }

    /** Of what jcmd tells, whichever collector: all that is used above the metaspace. */
    static long usedHeap(String heapInfo) {
        return heapInfo.lines()
                .map(String::trim)
                .takeWhile(line -> !line.startsWith("Metaspace"))
                .map(USED::matcher)
                .filter(Matcher::find)
                .mapToLong(
                        used -> Long.parseLong(used.group(1)) << (used.group(2).equals("K") ? 10 : 20))
                .sum();
    }

    private static String ask(long pid, String command) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process asked = new ProcessBuilder(jcmd, Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (asked.waitFor() != 0) {
            throw new LoadException("jcmd %d %s failed: %s".formatted(pid, command, answer.trim()));
        }
        return answer;
    }
}
