package io.signalbox.node.demo;

import io.signalbox.node.process.NodeProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/** Breaks things while the demo runs: connections, agents, and once the node itself. */
final class FailureInjector {
    private static final Duration BETWEEN = Duration.ofMillis(700);
    private static final int CRASH_EVERY = 3;

    private final NodeProcess node;
    private final SimulatedFleet fleet;
    private final DemoLedger ledger;
    private final Duration nodePatience;
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    private volatile Thread thread = Thread.currentThread();

    FailureInjector(NodeProcess node, SimulatedFleet fleet, DemoLedger ledger, Duration nodePatience) {
        this.node = node;
        this.fleet = fleet;
        this.ledger = ledger;
        this.nodePatience = nodePatience;
    }

    void start() {
        thread = Thread.ofVirtual().name("failures").start(this::run);
    }

    private void run() {
        try {
            for (int n = 1; true; n++) {
                Thread.sleep(BETWEEN.plusMillis(ThreadLocalRandom.current().nextInt(300)));
                if (n % CRASH_EVERY == 0) {
                    Thread.ofVirtual().start(this::crashAgent);
                } else {
                    fleet.any(SimulatedAgent::isConnected).loseConnection();
                    ledger.connectionsCut.incrementAndGet();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the demo has enough
        }
    }

    private void crashAgent() {
        try {
            SimulatedAgent victim = fleet.any(SimulatedAgent::isConnected);
            ledger.agentsCrashed.incrementAndGet();
            victim.crashAndComeBack();
            ledger.agentsBack.incrementAndGet();
        } catch (RuntimeException | InterruptedException e) {
            failures.add(e);
        }
    }

    /** kill -9, and a new start on the same data. */
    void killNode() throws IOException, InterruptedException {
        node.kill();
        ledger.nodeKills.incrementAndGet();
        ledger.nodeBackMillis.set(node.start(nodePatience).toMillis());
    }

    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }

    Iterable<Exception> failures() {
        return failures;
    }
}
