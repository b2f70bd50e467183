package io.signalbox.load.chaos;

import io.signalbox.node.embedded.StoreKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes the files of a store unable to grow, with a limit that needs neither root nor a disk of its own: writes fail as on a full
 * disk, and the store ends, as it does there.
 */
final class FullDisk {
    private static final Duration POLL = Duration.ofMillis(20);
    private static final long ROOM = 4096;
    private static final long FEW_BYTES = 1 << 20;

    private final ChaosStores stores;

    FullDisk(ChaosStores stores) {
        this.stores = stores;
    }

    /** Whether this machine can do it: {@code prlimit} is of util-linux. */
    static boolean isPossible() throws InterruptedException {
        try {
            return run("prlimit", "--version");
        } catch (IOException e) {
            return false;
        }
    }

    /** The store that is started again meanwhile has the limit, too. */
    void last(StoreKind kind, Duration time) throws IOException, InterruptedException {
        long limit = kind == StoreKind.REDIS ? largest(stores.files(kind)) + ROOM : FEW_BYTES;
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            limit(kind, Long.toString(limit));
            Thread.sleep(POLL);
        }
        limit(kind, "unlimited");
    }

    private void limit(StoreKind kind, String bytes) throws IOException, InterruptedException {
        Optional<ProcessHandle> store = stores.process(kind);
        for (ProcessHandle process : store.stream()
                .flatMap(leader -> Stream.concat(Stream.of(leader), leader.descendants()))
                .toList()) {
            // One that has ended meanwhile cannot be limited, and need not be.
            run(
                    "prlimit",
                    "--pid",
                    Long.toString(process.pid()),
                    "--fsize=" + bytes + ":unlimited",
                    "--core=0:unlimited");
        }
    }

    private static long largest(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(FullDisk::size)
                    .max()
                    .orElse(0);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException gone) {
            return 0;
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
