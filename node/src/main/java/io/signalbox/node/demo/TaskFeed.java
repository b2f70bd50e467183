package io.signalbox.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import io.signalbox.verticles.registry.reference.ReferenceFleet.TypeSkill;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/** Submits tasks for every skill and of every priority, at a steady rate; each is repeated until the node has accepted it. */
final class TaskFeed {
    private static final int MOST_ATTEMPTS = 20;
    private static final int SHORTEST_PAUSE_MILLIS = 200;
    private static final int LONGEST_PAUSE_MILLIS = 2000;

    private final ApiClient client;
    private final DemoLedger ledger;
    private final List<TypeSkill> skills;
    private final ObjectMapper json = new ObjectMapper();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();

    TaskFeed(ApiClient client, ReferenceFleet fleet, DemoLedger ledger) {
        this.client = client;
        this.ledger = ledger;
        this.skills = fleet.types().stream()
                .filter(type -> type.agents() > 0)
                .flatMap(type -> type.skills().stream())
                .toList();
    }

    /** Returns when all are accepted. */
    void submit(int tasks, int perSecond) throws InterruptedException {
        long begin = System.nanoTime();
        List<Thread> submitting = new ArrayList<>();
        for (int n = 0; n < tasks; n++) {
            long due = begin + n * 1_000_000_000L / perSecond;
            Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
            int number = n;
            submitting.add(Thread.ofVirtual().start(() -> submitUntilAccepted(number)));
        }
        for (Thread thread : submitting) {
            thread.join();
        }
    }

    private void submitUntilAccepted(int number) {
        String name = Integer.toString(number);
        ledger.submitting(name);
        try {
            JsonNode task = submit(name, skills.get(number % skills.size()), number % 10);
            accepted.add(task.path("id").asText());
            ledger.accepted.incrementAndGet();
        } catch (ApiException | InterruptedException | RuntimeException e) {
            failures.add(e);
        }
    }

    private JsonNode submit(String number, TypeSkill skill, int priority) throws ApiException, InterruptedException {
        ObjectNode request = json.createObjectNode()
                .put("skill", skill.name())
                .put("priority", priority)
                .put("maxAttempts", MOST_ATTEMPTS);
        request.set("input", parsed(skill.exampleInput()));
        request.putObject("labels").put("number", number);
        while (true) {
            try {
                return client.post("/v1/tasks", request, Map.of("Idempotency-Key", "demo-" + number));
            } catch (ApiException e) {
                if (e.problem().map(problem -> problem.status() != 503).orElse(false)) {
                    throw e;
                }
                ledger.submitsRepeated.incrementAndGet();
                Thread.sleep(ThreadLocalRandom.current().nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
            }
        }
    }

    private JsonNode parsed(String text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Set<String> accepted() {
        return accepted;
    }

    List<Exception> failures() {
        return List.copyOf(failures);
    }
}
