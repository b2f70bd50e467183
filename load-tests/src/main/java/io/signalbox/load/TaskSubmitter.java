package io.signalbox.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import java.time.Duration;
import java.util.Map;

/** Submits tasks, each under a key of its own, until the node has accepted it, however often it is away meanwhile. */
final class TaskSubmitter {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final ApiClient client;
    private final TaskLedger ledger;

    TaskSubmitter(ApiClient client, TaskLedger ledger) {
        this.client = client;
        this.ledger = ledger;
    }

    /** @return the task's id */
    String submit(String key, int number) throws InterruptedException, ApiException {
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put("skill", AgentFleet.SKILL)
                .put("priority", number % 10)
                .put("maxAttempts", 20);
        request.putObject("input").put("number", number);
        while (true) {
            try {
                JsonNode task = client.post("/v1/tasks", request, Map.of("Idempotency-Key", key));
                return task.path("id").asText();
            } catch (ApiException e) {
                boolean mayPass =
                        e.problem().map(problem -> problem.status() == 503).orElse(true);
                if (!mayPass) {
                    throw e;
                }
                ledger.submitRefused();
                Thread.sleep(PAUSE);
            }
        }
    }
}
