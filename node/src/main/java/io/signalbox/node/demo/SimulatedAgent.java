package io.signalbox.node.demo;

import io.signalbox.sdk.AgentBuilder;
import io.signalbox.sdk.Assignment;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.TaskFailedException;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import io.signalbox.verticles.registry.reference.ReferenceFleet.TypeSkill;
import java.util.concurrent.ThreadLocalRandom;

/** One agent on a connection of its own. Its work is simulated: it waits, and sometimes fails. Thread-safe. */
final class SimulatedAgent implements AutoCloseable {
    private static final int SHORTEST_WORK_MILLIS = 20;
    private static final int LONGEST_WORK_MILLIS = 400;
    private static final double FAILURES = 0.02;

    private final AgentType type;
    private final String id;
    private final ClientOptions options;
    private final DemoLedger ledger;
    private volatile SignalboxClient client;

    private SimulatedAgent(
            AgentType type, String id, ClientOptions options, DemoLedger ledger, SignalboxClient client) {
        this.type = type;
        this.id = id;
        this.options = options;
        this.ledger = ledger;
        this.client = client;
    }

    static SimulatedAgent connect(AgentType type, String id, ClientOptions options, DemoLedger ledger)
            throws InterruptedException {
        SimulatedAgent agent = new SimulatedAgent(type, id, options, ledger, SignalboxClient.connect(options));
        agent.attach();
        return agent;
    }

    private void attach() throws InterruptedException {
        AgentBuilder builder = client.agent(id).definition(type.reference());
        for (TypeSkill skill : type.skills()) {
            builder.skill(skill.name(), assignment -> work(assignment, skill));
        }
        builder.attach();
    }

    private Payload work(Assignment assignment, TypeSkill skill) throws InterruptedException, TaskFailedException {
        String number = assignment.labels().getOrDefault("number", "");
        ledger.received(number);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int millis = random.nextInt(SHORTEST_WORK_MILLIS, LONGEST_WORK_MILLIS);
        Thread.sleep(millis / 2);
        assignment.progress(50, "half way");
        if (random.nextDouble() < FAILURES) {
            ledger.attemptsFailed.incrementAndGet();
            throw new TaskFailedException("simulated failure", true);
        }
        Thread.sleep(millis / 2);
        ledger.done(number);
        return Payload.json(skill.exampleOutput());
    }

    boolean isConnected() {
        return client.isConnected();
    }

    void loseConnection() {
        client.simulateConnectionLoss();
    }

    /** Dies without a word, and comes back as a new process would: knowing nothing of what it did. */
    void crashAndComeBack() throws InterruptedException {
        client.simulateCrash();
        client = SignalboxClient.connect(options);
        attach();
    }

    String population() {
        return type.population();
    }

    @Override
    public void close() {
        client.close();
    }
}
