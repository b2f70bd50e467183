package io.signalbox.load.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What processes have used so far, read from outside in {@code /proc}.
 *
 * @param cpuMicros user and system time
 * @param residentBytes memory that is theirs in RAM
 */
record ServerCost(long cpuMicros, long residentBytes) {
    /** Linux' USER_HZ, 100 on all platforms that Java runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    static ServerCost of(List<Long> pids) throws IOException {
        long cpu = 0;
        long resident = 0;
        for (long pid : pids) {
            Path process = Path.of("/proc", Long.toString(pid));
            cpu += ticks(Files.readString(process.resolve("stat"))) * MICROS_PER_TICK;
            resident += kibibytes(process.resolve("status"), "VmRSS:") * 1024;
        }
        return new ServerCost(cpu, resident);
    }

    /** The program's name, in parentheses, may hold anything: the fields are counted from its end. */
    static long ticks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
    }

    private static long kibibytes(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).replace("kB", "").trim())
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IOException(file + " has no " + name));
    }

    /** What the whole machine's kernel holds for sockets: slabs and socket buffers. */
    static long kernelBytes() throws IOException {
        long pages = Files.readAllLines(Path.of("/proc/net/sockstat")).stream()
                .filter(line -> line.startsWith("TCP:"))
                .map(line -> line.substring(line.lastIndexOf("mem ") + 4).trim())
                .mapToLong(Long::parseLong)
                .sum();
        return kibibytes(Path.of("/proc/meminfo"), "Slab:") * 1024 + pages * 4096;
    }
}
