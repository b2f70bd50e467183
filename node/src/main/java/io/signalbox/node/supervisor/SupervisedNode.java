package io.signalbox.node.supervisor;

import io.signalbox.node.NodeException;
import io.signalbox.node.supervisor.RestartPolicy.Decision;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one node's process running: starts it, passes its output on, starts it again when it ended unasked. One thread does
 * all of it. The methods are thread-safe; {@code start} is called once.
 */
final class SupervisedNode {
    private static final Logger log = LoggerFactory.getLogger(SupervisedNode.class);

    /** Shorter than what all nodes get, so that none outlives it. */
    private static final Duration HURRIED_PATIENCE = Duration.ofSeconds(1);

    private final String id;
    private final NodeCommand command;
    private final NodeOutput output;
    private final RandomGenerator random;
    private final RestartPolicy policy = new RestartPolicy();
    private final CountDownLatch stopRequest = new CountDownLatch(1);
    private final Promise<Void> ready = Promise.promise();
    private final Promise<Void> stopped = Promise.promise();
    private volatile Optional<Process> process = Optional.empty();

    SupervisedNode(String id, NodeCommand command, NodeOutput output, RandomGenerator random) {
        this.id = id;
        this.command = command;
        this.output = output;
        this.random = random;
    }

    /** Completes when the node is ready for the first time. Fails with {@link NodeException} when that is given up. */
    Future<Void> start() {
        Thread.ofPlatform().daemon().name("node " + id).start(this::run);
        return ready.future();
    }

    /**
     * Asks the node to drain and to end. Completes when it has ended; never fails.
     *
     * @param patience after which it is killed
     */
    Future<Void> stop(Duration patience) {
        stopRequest.countDown();
        terminate(patience);
        return stopped.future();
    }

    /** To a node that was asked to stop before. */
    void hurry() {
        if (stopRequest.getCount() == 0) {
            terminate(HURRIED_PATIENCE);
        }
    }

    /** Not {@code Process.destroy}, which closes the streams as well: what the node says while it stops is wanted. */
    private void terminate(Duration patience) {
        process.filter(Process::isAlive).ifPresent(running -> {
            running.toHandle().destroy();
            running.onExit()
                    .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((ended, late) -> running.destroyForcibly());
        });
    }

    private void run() {
        try {
            boolean again = true;
            while (again) {
                int exitCode = runOnce();
                again = stopRequest.getCount() > 0 && decide(exitCode);
            }
        } finally {
            ready.tryFail(new NodeException("Node " + id + " was stopped before it was ready"));
            stopped.complete();
        }
    }

    /** Returns the exit code. */
    private int runOnce() {
        try {
            Process running = command.builder().start();
            process = Optional.of(running);
            if (stopRequest.getCount() == 0) {
                terminate(HURRIED_PATIENCE);
            }
            passOn(running.inputReader(StandardCharsets.UTF_8));
            return running.waitFor();
        } catch (IOException e) {
            output.take("The process cannot be started: " + e.getMessage());
            return -1;
        } catch (InterruptedException e) {
            throw new NodeException("interrupted", e);
        }
    }

    private void passOn(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (output.take(line)) {
                policy.ready();
                log.info("Node {} is ready", id);
                ready.tryComplete();
            }
        }
    }

    /** Returns whether the node is to be started again; the time until then has passed. */
    private boolean decide(int exitCode) {
        return switch (policy.ended(random)) {
            case Decision.GiveUp giveUp -> {
                ready.tryFail(new NodeException("Node " + id + " ended " + giveUp.ends()
                        + " times before it was ready, at last with exit code " + exitCode + ". The end of its log:\n"
                        + output.ending()));
                yield false;
            }
            case Decision.StartAgain again -> {
                log.error(
                        "Node {} ended unexpectedly with exit code {}, {} times so far; starting it again in {} ms",
                        id,
                        exitCode,
                        again.ends(),
                        again.after().toMillis());
                yield !stopRequestedWithin(again.after());
            }
        };
    }

    private boolean stopRequestedWithin(Duration time) {
        try {
            return stopRequest.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new NodeException("interrupted", e);
        }
    }
}
