package io.signalbox.node.supervisor;

import io.signalbox.node.DataDirectory;
import io.signalbox.node.NodeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Nodes of a supervisor that was killed: they end by themselves, within seconds, and then their folders are free. */
final class Leftovers {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);

    private Leftovers() {}

    /**
     * Blocking.
     *
     * @throws NodeException when a living node still holds the folder after 20 seconds
     */
    static void awaitEnd(Path dataDirectory) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isFree(dataDirectory, System.nanoTime() - deadline >= 0)) {
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NodeException("interrupted", e);
            }
        }
    }

    private static boolean isFree(Path dataDirectory, boolean last) {
        try (DataDirectory held = DataDirectory.lock(dataDirectory)) {
            return held.path().isAbsolute();
        } catch (NodeException inUse) {
            if (last) {
                throw inUse;
            }
            return false;
        } catch (IOException e) {
            throw new NodeException("The data directory " + dataDirectory + " cannot be used: " + e, e);
        }
    }
}
