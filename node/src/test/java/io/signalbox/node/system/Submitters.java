package io.signalbox.node.system;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** Submit one task after the other until they are told to stop. What is refused while the work moves is submitted again. */
final class Submitters {
    private final Http http;
    private final String task;
    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Thread> threads;

    Submitters(Http http, int atOnce, String task) {
        this.http = http;
        this.task = task;
        this.threads = IntStream.range(0, atOnce)
                .mapToObj(n -> Thread.ofVirtual().start(this::submit))
                .toList();
    }

    private void submit() {
        try {
            while (!over.get()) {
                Http.Answer answer = http.post("/v1/tasks", task);
                switch (answer.status()) {
                    case 202 -> accepted.add(answer.json().path("id").asText());
                    case 503 -> {}
                    default -> throw new AssertionError(answer.response().body());
                }
            }
        } catch (Exception | AssertionError e) {
            failures.add(e);
        }
    }

    /** @return the accepted tasks */
    List<String> stop() throws InterruptedException {
        over.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("tasks could not be submitted", failures.element());
        }
        return List.copyOf(accepted);
    }
}
