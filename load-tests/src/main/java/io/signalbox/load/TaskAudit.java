package io.signalbox.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.client.ServerEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The oracle: reads each accepted task's history from the node and compares it with what the agents did. A fault is a
 * sentence about a task.
 */
public final class TaskAudit {
    private static final int THREADS = 8;

    private final ApiClient client;
    private final TaskLedger ledger;
    private final ObjectMapper json = new ObjectMapper();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong attempts = new AtomicLong();

    public TaskAudit(ApiClient client, TaskLedger ledger) {
        this.client = client;
        this.ledger = ledger;
    }

    /** Empty: every accepted task was completed exactly once, by the last token that it was assigned under. */
    public List<String> faults() throws InterruptedException {
        Queue<String> tasks = new ConcurrentLinkedQueue<>(ledger.acceptedTasks());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (String task = tasks.poll(); task != null; task = tasks.poll()) {
                    check(task);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(faults);
    }

    /** Assignments of all audited tasks. */
    public long attempts() {
        return attempts.get();
    }

    private void check(String task) {
        try {
            List<JsonNode> history = new ArrayList<>();
            client.events("/v1/tasks/" + task + "/events", "", event -> history.add(parsed(event)));
            check(task, history);
        } catch (ApiException | RuntimeException e) {
            faults.add(task + ": its history could not be read: " + e.getMessage());
        }
    }

    private JsonNode parsed(ServerEvent event) {
        try {
            return json.readTree(event.data());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void check(String task, List<JsonNode> history) {
        long lastToken = 0;
        int succeeded = 0;
        for (int i = 0; i < history.size(); i++) {
            JsonNode event = history.get(i);
            if (event.path("revision").asLong() != i + 1) {
                faults.add(task + ": event " + (i + 1) + " has revision " + event.path("revision"));
            }
            switch (event.path("type").asText()) {
                case "assigned" -> {
                    long token = Long.parseUnsignedLong(event.path("token").asText());
                    if (token <= lastToken) {
                        faults.add(task + ": token " + token + " after " + lastToken);
                    }
                    lastToken = token;
                    attempts.incrementAndGet();
                }
                case "succeeded" -> {
                    succeeded++;
                    String token = event.path("token").asText();
                    if (!token.equals(Long.toUnsignedString(lastToken))) {
                        faults.add(
                                task + ": succeeded under token " + token + ", though " + lastToken + " is the last");
                    }
                }
                case "dead", "cancelled" -> faults.add(task + ": ended as " + event);
                default -> {}
            }
        }
        if (succeeded != 1) {
            faults.add(task + ": succeeded " + succeeded + " times");
        } else if (!ledger.wasFinished(task, lastToken)) {
            faults.add(task + ": succeeded under token " + lastToken + ", which no agent finished");
        }
    }
}
