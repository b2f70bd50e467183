package io.signalbox.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.sdk.Agent;
import io.signalbox.sdk.Assignment;
import io.signalbox.sdk.ClientOptions;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.SignalboxClient;
import io.signalbox.sdk.TaskFailedException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/** Agents that follow the stable channel of one definition, many on a connection. One version fails half of its tasks. */
final class RolloutFleet implements AutoCloseable {
    static final String DEFINITION = "load.worker";
    static final String GOOD = "1.0.0";
    static final String FAILING = "1.1.0";
    static final String OTHER = "2.0.0";

    private static final int ATTACHING_AT_ONCE = 50;
    private static final int LONGEST_WORK_MS = 50;

    private final TaskLedger ledger;
    private final Queue<SignalboxClient> clients = new ConcurrentLinkedQueue<>();
    private final Queue<Agent> agents = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> lastByVersion = new ConcurrentHashMap<>();
    private final LongAdder failed = new LongAdder();

    RolloutFleet(TaskLedger ledger) {
        this.ledger = ledger;
    }

    static ObjectNode document(String version) {
        ObjectNode document =
                JsonNodeFactory.instance.objectNode().put("name", DEFINITION).put("version", version);
        document.putArray("skills").addObject().put("name", AgentFleet.SKILL);
        return document;
    }

    /** Returns when all are attached. */
    void connect(String url, int count, int connections) throws InterruptedException, LoadException {
        HttpClient http = ClientOptions.newHttpClient();
        Semaphore turns = new Semaphore(ATTACHING_AT_ONCE);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int first = count * i / connections;
            int end = count * (i + 1) / connections;
            threads.add(Thread.ofVirtual().start(() -> connectOne(url, http, first, end, turns, failures)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new LoadException(failures.size() + " connections failed: " + failures.peek());
        }
    }

    private void connectOne(
            String url, HttpClient http, int first, int end, Semaphore turns, Queue<Throwable> failures) {
        try {
            turns.acquire();
            try {
                SignalboxClient client = SdkClients.connect(url, http);
                clients.add(client);
                for (int i = first; i < end; i++) {
                    agents.add(client.agent("worker-" + i)
                            .definition(DEFINITION + "@stable")
                            .skill(AgentFleet.SKILL, this::work)
                            .attach());
                }
            } finally {
                turns.release();
            }
        } catch (RuntimeException | InterruptedException e) {
            failures.add(e);
        }
    }

    private Payload work(Assignment assignment) throws InterruptedException, TaskFailedException {
        lastByVersion.merge(assignment.definitionVersion(), System.nanoTime(), Math::max);
        ledger.received();
        Thread.sleep(ThreadLocalRandom.current().nextInt(LONGEST_WORK_MS + 1));
        if (assignment.definitionVersion().equals(FAILING)
                && ThreadLocalRandom.current().nextBoolean()) {
            failed.increment();
            throw new TaskFailedException("this version cannot do it", true);
        }
        ledger.finished(assignment.task(), assignment.fencingToken());
        return Payload.json("{\"done\":true}");
    }

    /** When the last assignment of the version came, by {@code System.nanoTime}. */
    long lastOf(String version) {
        return lastByVersion.getOrDefault(version, 0L);
    }

    long agentsWith(String version) {
        String wanted = DEFINITION + "@" + version;
        return agents.stream()
                .filter(agent -> agent.definition().equals(wanted))
                .count();
    }

    long failed() {
        return failed.sum();
    }

    @Override
    public void close() {
        SdkClients.close(clients);
    }
}
