package io.signalbox.node.cli;

import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.NodeException;
import io.signalbox.node.SignalboxNode;
import io.signalbox.node.supervisor.Supervisor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;

/**
 * One node under a supervisor, which holds the other end of its standard input: when that ends, however the supervisor
 * ended, the node ends too. Not thread-safe.
 */
final class SupervisedRun {
    private static final Logger log = LoggerFactory.getLogger(SupervisedRun.class);
    private static final Duration POLL = Duration.ofMillis(50);

    /** For a node that nobody looks after any more. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(10);

    private final SignalboxNode node;
    private final InputStream in;
    private final PrintWriter out;
    private final AtomicInteger signals = new AtomicInteger();
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    SupervisedRun(SignalboxConfig config, InputStream in, PrintWriter out) {
        this.node = new SignalboxNode(config);
        this.in = in;
        this.out = out;
    }

    /** Returns the exit code. Throws {@code NodeException} when the node does not start. */
    int untilStopped() throws InterruptedException {
        // A terminal sends its signals to all; the supervisor alone decides what they mean.
        StopSignals.handle(List.of("INT", "HUP"), () -> {});
        StopSignals.handle(List.of("TERM"), this::stop);
        Thread.ofPlatform().daemon().name("supervisor").start(this::watchSupervisor);
        try {
            start();
            stopRequested.await();
        } finally {
            node.stop().await();
            ended.countDown();
        }
        return ExitCode.OK;
    }

    private void start() throws InterruptedException {
        try {
            node.start().await();
            while (!node.lacking().isEmpty()) {
                if (stopRequested.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            out.println(Supervisor.READY_LINE);
            out.flush();
        } catch (NodeException e) {
            if (stopRequested.getCount() > 0) {
                throw e;
            }
        }
    }

    /** The first time drains, the second cuts requests under way. */
    private void stop() {
        if (signals.incrementAndGet() > 1) {
            node.hurry();
        }
        stopRequested.countDown();
        node.stop();
    }

    private void watchSupervisor() {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            log.debug("Standard input cannot be read, which is taken for its end", e);
        }
        log.warn("The supervisor is gone, so this node ends");
        node.hurry();
        stop();
        try {
            if (!ended.await(LAST_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(ExitCode.SOFTWARE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
