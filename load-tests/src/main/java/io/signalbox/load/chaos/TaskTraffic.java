package io.signalbox.load.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.config.Secret;
import io.signalbox.load.TaskAudit;
import io.signalbox.load.TaskLedger;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.client.Problem;
import io.signalbox.sdk.Assignment;
import io.signalbox.sdk.Payload;
import io.signalbox.sdk.TaskFailedException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Tasks of three skills, submitted to all nodes under keys of their own, again until they are accepted, and agents that do them.
 * What each side saw is in a ledger, which is compared with the tasks' histories in the end.
 */
final class TaskTraffic implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration GIVE_UP = Duration.ofSeconds(90);
    private static final Duration END_PATIENCE = Duration.ofSeconds(120);
    private static final int MAX_ATTEMPTS = 50;
    private static final int SLOTS = 4;

    /** How its agents work. Drawn as often as it is named in the table of a submitter. */
    private enum Skill {
        QUICK,
        SLOW,
        /** Each task fails the first time. */
        FLAKY;

        private static final List<Skill> DRAWN = List.of(QUICK, QUICK, QUICK, FLAKY, SLOW);

        String skill() {
            return "chaos." + name().toLowerCase(Locale.ROOT);
        }

        Payload work(Assignment assignment) throws InterruptedException, TaskFailedException {
            if (this == FLAKY && assignment.attempt() == 1) {
                throw new TaskFailedException("as it does the first time", true);
            }
            Thread.sleep(ThreadLocalRandom.current().nextInt(this == SLOW ? 1500 : 20));
            return Payload.json("{\"done\":true}");
        }
    }

    /**
     * @param unknown submits that were given up in the end: what became of them is not judged
     * @param attempts assignments of all accepted tasks
     * @param twice tasks that agents finished under more than one token, of which the last one counted
     * @param faults in words; those of {@link TaskAudit}, and tasks that are still open
     */
    record Verdict(long accepted, long unknown, long attempts, long twice, List<String> faults) {}

    private final ChaosClients clients;
    private final List<ApiClient> doors;
    private final TaskLedger ledger = new TaskLedger();
    private final AtomicLong unknown = new AtomicLong();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final List<Thread> submitters = new ArrayList<>();
    private volatile boolean stopping;

    TaskTraffic(ChaosClients clients, List<String> urls) {
        this.clients = clients;
        this.doors = urls.stream()
                .map(url -> new ApiClient(URI.create(url), new Secret("")))
                .toList();
    }

    /** @param agents of each skill, each on a connection of its own */
    void start(int agents, int count, RandomGenerator random) throws InterruptedException {
        for (Skill skill : Skill.values()) {
            for (int i = 0; i < agents; i++) {
                clients.connect()
                        .agent("%s-%d".formatted(skill.skill(), i))
                        .skill(skill.skill(), assignment -> work(skill, assignment))
                        .slots(SLOTS)
                        .attach();
            }
        }
        for (int i = 0; i < count; i++) {
            int submitter = i;
            SplittableRandom choices = new SplittableRandom(random.nextLong());
            submitters.add(Thread.ofVirtual().start(() -> submitAll(submitter, choices)));
        }
    }

    private Payload work(Skill skill, Assignment assignment) throws InterruptedException, TaskFailedException {
        ledger.received();
        Payload output = skill.work(assignment);
        ledger.finished(assignment.task(), assignment.fencingToken());
        return output;
    }

    private void submitAll(int submitter, SplittableRandom random) {
        try {
            for (int number = 0; !stopping; number++) {
                submit("chaos-%d-%d".formatted(submitter, number), number, random);
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void submit(String key, int number, SplittableRandom random) throws InterruptedException {
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put(
                        "skill",
                        Skill.DRAWN.get(random.nextInt(Skill.DRAWN.size())).skill())
                .put("priority", number % 10)
                .put("maxAttempts", MAX_ATTEMPTS);
        request.putObject("input").put("key", key);
        long end = System.nanoTime() + GIVE_UP.toNanos();
        while (System.nanoTime() < end) {
            ApiClient door = doors.get(random.nextInt(doors.size()));
            Optional<String> task = submit(door, key, request);
            if (task.isPresent()) {
                if (!ledger.accepted(task.get())) {
                    faults.add("two keys got task " + task.get());
                }
                return;
            }
            ledger.submitRefused();
            Thread.sleep(PAUSE);
        }
        unknown.incrementAndGet();
    }

    /** Empty: it may succeed another time. */
    private Optional<String> submit(ApiClient door, String key, ObjectNode request) {
        try {
            JsonNode task = door.post("/v1/tasks", request, Map.of("Idempotency-Key", key));
            return Optional.of(task.path("id").asText());
        } catch (ApiException e) {
            if (e.problem().map(Problem::status).orElse(503) != 503) {
                faults.add("submit of " + key + ": " + e.getMessage());
            }
            return Optional.empty();
        }
    }

    long accepted() {
        return ledger.acceptedCount();
    }

    long refused() {
        return ledger.refusedSubmitCount();
    }

    /** Submits no more; returns when all that was is accepted or given up. */
    void finishSubmitting() throws InterruptedException {
        stopping = true;
        for (Thread submitter : submitters) {
            submitter.join();
        }
    }

    /** Waits until no task is open, and reads all histories. */
    Verdict verdict() throws InterruptedException {
        awaitNoneOpen();
        List<String> all = new ArrayList<>(faults);
        TaskAudit audit = new TaskAudit(doors.getFirst(), ledger);
        all.addAll(audit.faults());
        return new Verdict(
                ledger.acceptedCount(), unknown.get(), audit.attempts(), ledger.workedMoreThanOnce(), List.copyOf(all));
    }

    private void awaitNoneOpen() throws InterruptedException {
        long end = System.nanoTime() + END_PATIENCE.toNanos();
        String open = open();
        while (!open.isEmpty()) {
            if (System.nanoTime() > end) {
                faults.add("after " + END_PATIENCE.toSeconds() + " s: " + open);
                return;
            }
            Thread.sleep(PAUSE);
            open = open();
        }
    }

    /** In words; empty: none. */
    private String open() {
        try {
            JsonNode tasks = doors.getFirst().get("/agents/health").path("tasks");
            long open = tasks.path("queued").asLong()
                    + tasks.path("assigned").asLong()
                    + tasks.path("backingOff").asLong();
            return tasks.path("queued").isNumber() && open == 0 ? "" : "open tasks: " + tasks;
        } catch (ApiException e) {
            return "who is asked for open tasks says " + e.getMessage();
        }
    }

    @Override
    public void close() {
        stopping = true;
        doors.forEach(ApiClient::close);
    }
}
