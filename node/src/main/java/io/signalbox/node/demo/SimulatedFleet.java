package io.signalbox.node.demo;

import io.signalbox.sdk.ClientOptions;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The demo's agents. Thread-safe. */
final class SimulatedFleet implements AutoCloseable {
    private static final int CONNECTING_AT_ONCE = 32;

    private final List<SimulatedAgent> agents = new CopyOnWriteArrayList<>();

    private SimulatedFleet() {}

    /** Returns when every agent is attached. */
    static SimulatedFleet connect(ReferenceFleet reference, ClientOptions options, DemoLedger ledger)
            throws InterruptedException {
        SimulatedFleet fleet = new SimulatedFleet();
        Semaphore turns = new Semaphore(CONNECTING_AT_ONCE);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (AgentType type : reference.types()) {
            for (int n = 1; n <= type.agents(); n++) {
                String id = type.name() + "-" + n;
                threads.add(
                        Thread.ofVirtual().start(() -> fleet.connectOne(type, id, options, ledger, turns, failures)));
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            fleet.close();
            throw new IllegalStateException(failures.size() + " agents could not connect", failures.getFirst());
        }
        return fleet;
    }

    private void connectOne(
            AgentType type,
            String id,
            ClientOptions options,
            DemoLedger ledger,
            Semaphore turns,
            List<Throwable> failures) {
        try {
            turns.acquire();
            try {
                agents.add(SimulatedAgent.connect(type, id, options, ledger));
            } finally {
                turns.release();
            }
        } catch (RuntimeException | InterruptedException e) {
            failures.add(e);
        }
    }

    SimulatedAgent any(Predicate<SimulatedAgent> wanted) {
        List<SimulatedAgent> candidates = agents.stream().filter(wanted).toList();
        List<SimulatedAgent> choice = candidates.isEmpty() ? agents : candidates;
        return choice.get(ThreadLocalRandom.current().nextInt(choice.size()));
    }

    int size() {
        return agents.size();
    }

    long connected() {
        return agents.stream().filter(SimulatedAgent::isConnected).count();
    }

    Map<String, Long> connectedByPopulation() {
        return agents.stream()
                .filter(SimulatedAgent::isConnected)
                .collect(Collectors.groupingBy(SimulatedAgent::population, Collectors.counting()));
    }

    @Override
    public void close() {
        List<Thread> closing = agents.stream()
                .map(agent -> Thread.ofVirtual().start(agent::close))
                .toList();
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
