package io.signalbox.node.cli;

import io.signalbox.node.NodeException;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.ExitCode;

/** What runs in the foreground, from its start to the signal that ends it. Not thread-safe. */
final class ForegroundRun {
    private final Subject subject;
    private final Duration drainTimeout;
    private final PrintWriter out;
    private final AtomicInteger signals = new AtomicInteger();
    private final CountDownLatch stopRequested = new CountDownLatch(1);

    /** Called from any thread. */
    interface Subject {
        /** Fails with {@link NodeException} after everything was stopped again. */
        Future<?> start();

        /** Never fails. */
        Future<Void> stop();

        void hurry();

        /** For people, when it was started. */
        String announcement(Duration taken);
    }

    /** @param drainTimeout told to who asks for the end */
    ForegroundRun(Subject subject, Duration drainTimeout, PrintWriter out) {
        this.subject = subject;
        this.drainTimeout = drainTimeout;
        this.out = out;
    }

    /** Returns the exit code. Throws {@code NodeException} when the subject does not start. */
    int untilStopped() throws InterruptedException {
        StopSignals.handle(StopSignals.ALL, this::stop);
        try {
            start();
            stopRequested.await();
        } finally {
            subject.stop().await();
        }
        say("Stopped.");
        return ExitCode.OK;
    }

    private void start() {
        Instant begin = Instant.now();
        try {
            subject.start().await();
            say(subject.announcement(Duration.between(begin, Instant.now())));
        } catch (NodeException e) {
            if (stopRequested.getCount() > 0) {
                throw e;
            }
        }
    }

    /** The first signal drains, the second cuts requests under way, the third leaves everything as it is. */
    private void stop() {
        switch (signals.incrementAndGet()) {
            case 1 -> {
                say("Stopping; requests under way get at most %d s. Once more (Ctrl-C) to hurry."
                        .formatted(drainTimeout.toSeconds()));
                say("Agents keep their tasks and go on with them when the node is back.");
                stopRequested.countDown();
                subject.stop();
            }
            case 2 -> {
                say("Hurrying. Once more to leave at once; the next start then cleans up.");
                subject.hurry();
            }
            default -> Runtime.getRuntime().halt(ExitCode.SOFTWARE);
        }
    }

    private void say(String text) {
        out.println(text);
        out.flush();
    }
}
