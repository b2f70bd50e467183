package io.signalbox.verticles.allocation;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.internal.TaskView;
import io.signalbox.verticles.allocation.TaskSpec.Demand;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What allocation counts and times. Labels are bounded: outcomes, codes and some skills, never ids. */
final class AllocationMeters {
    private final MeterRegistry meters;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger storeAway = new AtomicInteger();
    private final Counter submitted;
    private final Timer submitToAssign;
    private final QueueMeters queues;

    AllocationMeters(MeterRegistry meters) {
        this.meters = meters;
        this.queues = new QueueMeters(meters);
        Gauge.builder("signalbox.allocation.open", open, AtomicInteger::get)
                .description("Tasks that have not ended")
                .register(meters);
        Gauge.builder("signalbox.allocation.store.away", storeAway, AtomicInteger::get)
                .description("1 while the task store takes no writes")
                .register(meters);
        this.submitted = Counter.builder("signalbox.allocation.submitted")
                .description("Tasks accepted, each once committed")
                .register(meters);
        this.submitToAssign = Timer.builder("signalbox.allocation.submit.to.assign")
                .description("From the commit of a task to its first assignment sent to an agent")
                .publishPercentileHistogram()
                .register(meters);
    }

    void open(int tasks) {
        open.set(tasks);
    }

    void storeAway(boolean away) {
        storeAway.set(away ? 1 : 0);
    }

    void submitted() {
        submitted.increment();
    }

    /** @param waited for an agent, without the time that the task was held */
    void assigned(TaskView task, int attempt, Duration sinceSubmit, Duration waited) {
        if (attempt == 1) {
            submitToAssign.record(sinceSubmit);
            queues.begun(task.getSkill(), task.getPriority(), waited);
        }
    }

    void waiting(Map<Demand, SkillQueue> standing, Instant now) {
        queues.waiting(standing, now);
    }

    void requeued(Code code) {
        count(
                "signalbox.allocation.requeued",
                "Assignments that ended without an end of the task",
                "code",
                code.name());
    }

    /** @param state succeeded, dead or cancelled */
    void ended(String state) {
        count("signalbox.allocation.ended", "Tasks that ended", "state", state);
    }

    void undelivered() {
        count("signalbox.allocation.undelivered", "Assignments that no gateway took at once", "reason", "no route");
    }

    private void count(String name, String description, String label, String value) {
        Counter.builder(name)
                .description(description)
                .tag(label, value)
                .register(meters)
                .increment();
    }
}
