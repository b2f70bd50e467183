package io.signalbox.load.queues;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.node.client.ApiClient;
import io.signalbox.node.client.ApiException;
import io.signalbox.sdk.Assignment;
import io.signalbox.verticles.registry.reference.ReferenceFleet;
import io.signalbox.verticles.registry.reference.ReferenceFleet.AgentType;
import io.signalbox.verticles.registry.reference.ReferenceFleet.TypeSkill;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Submits tasks at a fixed rate, in bulk, to all nodes in turn. Open loop. */
final class TaskPump {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long HIGHEST_MICROS = Duration.ofMinutes(1).toNanos() / 1000;
    private static final String LABEL = "n";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** @param input JSON */
    private record Kind(String skill, JsonNode input) {}

    private final List<ApiClient> nodes;
    private final List<Kind> kinds = new ArrayList<>();
    private final int payload;

    /** When the task with this number should have been sent, in nanoseconds. */
    private final Map<String, Long> due = new ConcurrentHashMap<>();

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private long numbers;
    private volatile Run run = new Run();

    /** Of one measurement. */
    private static final class Run {
        final Histogram accepted = new ConcurrentHistogram(HIGHEST_MICROS, 3);
        final Histogram received = new ConcurrentHistogram(HIGHEST_MICROS, 3);
        final LongAdder repeated = new LongAdder();
    }

    /** @param payload bytes of text that each task has besides what its skill demands */
    TaskPump(List<ApiClient> nodes, ReferenceFleet fleet, int payload) throws JsonProcessingException {
        this.nodes = nodes;
        this.payload = payload;
        for (AgentType type : fleet.types()) {
            for (TypeSkill skill : type.skills()) {
                kinds.add(new Kind(skill.name(), MAPPER.readTree(skill.exampleInput())));
            }
        }
    }

    /** An agent has it. */
    void received(Assignment assignment) {
        Long should = due.remove(assignment.labels().get(LABEL));
        if (should == null) {
            run.repeated.increment();
        } else {
            record(run.received, should);
        }
    }

    private static void record(Histogram histogram, long due) {
        histogram.recordValue(Math.min(HIGHEST_MICROS, (System.nanoTime() - due) / 1000));
    }

    Outcome run(int rate, int seconds, Duration bulk) throws InterruptedException {
        run = new Run();
        long begin = System.nanoTime();
        long total = (long) rate * seconds;
        long sent = 0;
        List<Thread> threads = new ArrayList<>();
        for (int turn = 0; sent < total; turn++) {
            long should = Math.min(total, (System.nanoTime() - begin) * rate / 1_000_000_000L);
            if (should > sent) {
                List<Long> dues = dues(begin, sent, should, rate);
                ObjectNode body = body(dues);
                ApiClient node = nodes.get(turn % nodes.size());
                threads.add(Thread.ofVirtual().start(() -> submit(node, body, dues)));
                sent = should;
            }
            LockSupport.parkNanos(bulk.toNanos());
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!due.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(5);
        }
        double took = (System.nanoTime() - begin) / 1e9;
        Outcome outcome =
                new Outcome(total, run.received.getTotalCount(), run.repeated.sum(), took, run.accepted, run.received);
        due.clear();
        return outcome;
    }

    private static List<Long> dues(long begin, long from, long to, int rate) {
        List<Long> dues = new ArrayList<>();
        for (long i = from; i < to; i++) {
            dues.add(begin + i * 1_000_000_000L / rate);
        }
        return dues;
    }

    private ObjectNode body(List<Long> dues) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode tasks = body.putArray("tasks");
        for (long should : dues) {
            Kind kind = kinds.get((int) (numbers % kinds.size()));
            String number = Long.toString(numbers++);
            due.put(number, should);
            ObjectNode task = tasks.addObject().put("skill", kind.skill());
            task.set("input", kind.input());
            task.putObject("labels").put(LABEL, number).put("padding", "x".repeat(payload));
        }
        return body;
    }

    private void submit(ApiClient node, ObjectNode body, List<Long> dues) {
        try {
            JsonNode outcomes = node.post("/v1/tasks/batch", body, Map.of()).path("tasks");
            for (int i = 0; i < dues.size(); i++) {
                if (outcomes.path(i).has("task")) {
                    record(run.accepted, dues.get(i));
                } else {
                    faults.add(outcomes.path(i).path("problem").toString());
                }
            }
        } catch (ApiException e) {
            faults.add(e.getMessage());
        }
    }

    /** What was refused, in words. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    record Outcome(
            long submitted, long received, long repeated, double seconds, Histogram accepted, Histogram latency) {}
}
