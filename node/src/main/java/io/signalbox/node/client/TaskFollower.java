package io.signalbox.node.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Watches one task until it ends, also over restarts of the node. Not thread-safe. */
public final class TaskFollower {
    private static final Set<String> ENDED = Set.of("succeeded", "dead", "cancelled");
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final ApiClient client;
    private final String path;
    private final int patience;
    private String lastEventId = "";

    /** @param patience how often in a row the node may be away, each time for half a second, before this gives up */
    public TaskFollower(ApiClient client, String taskId, int patience) {
        this.client = client;
        this.path = "/v1/tasks/" + taskId;
        this.patience = patience;
    }

    /**
     * Blocks until the task has ended.
     *
     * @param progress told each event once, in order
     * @return the task
     */
    public JsonNode untilEnd(Consumer<ServerEvent> progress) throws ApiException, InterruptedException {
        int failures = 0;
        while (true) {
            try {
                client.events(path + "/events", lastEventId, event -> wantsMore(event, progress));
                JsonNode task = client.get(path);
                if (ENDED.contains(task.path("state").asText())) {
                    return task;
                }
                failures = 0;
            } catch (ApiException e) {
                failures++;
                if (failures > patience || !mayPass(e)) {
                    throw e;
                }
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
    }

    private boolean wantsMore(ServerEvent event, Consumer<ServerEvent> progress) {
        lastEventId = event.id();
        progress.accept(event);
        return !ENDED.contains(event.type());
    }

    private static boolean mayPass(ApiException failure) {
        return failure.problem().map(problem -> problem.status() >= 500).orElse(true);
    }
}
