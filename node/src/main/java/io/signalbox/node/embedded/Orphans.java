package io.signalbox.node.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that outlived the node that started them. They are recognised by the marker in their command line, never by a
 * remembered process id: ids are given again. They are stopped, not adopted: a server that somebody else started has
 * unknown settings and nobody who waits for its end.
 */
final class Orphans {
    private static final Logger log = LoggerFactory.getLogger(Orphans.class);
    private static final Duration POLL = Duration.ofMillis(20);

    private final String marker;
    private final CountDownLatch never = new CountDownLatch(1);

    Orphans(String marker) {
        this.marker = marker;
    }

    /** Blocking. Ends when none is left; throws {@link StoreException} when they cannot be stopped. */
    void stop(String server, List<StopStep> steps) {
        if (find().isEmpty()) {
            return;
        }
        log.info("Stopping {} {}, left behind by a node that did not end properly", server, leaders());
        for (StopStep step : steps) {
            leaders().forEach(pid -> Command.signal(pid, step.signal()));
            if (goneWithin(step.patience())) {
                return;
            }
        }
        throw new StoreException(server + " of an earlier node still runs as process " + find()
                + " and cannot be stopped. Stop it by hand, then start again.");
    }

    /** Process ids; without zombies, which have no command line. */
    List<Long> find() {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(this::isMarked)
                .toList();
    }

    /** Those that no other of them started: to the children of PostgreSQL the same signals mean something else. */
    private List<Long> leaders() {
        List<Long> all = find();
        return all.stream()
                .filter(pid -> ProcessHandle.of(pid)
                        .flatMap(ProcessHandle::parent)
                        .filter(parent -> all.contains(parent.pid()))
                        .isEmpty())
                .toList();
    }

    private boolean isMarked(long pid) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
            return new String(bytes, StandardCharsets.UTF_8).contains(marker);
        } catch (IOException gone) {
            return false;
        }
    }

    private boolean goneWithin(Duration patience) {
        Deadline deadline = Deadline.in(patience);
        try {
            while (!find().isEmpty()) {
                if (deadline.isOver() || never.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted", e);
        }
    }
}
