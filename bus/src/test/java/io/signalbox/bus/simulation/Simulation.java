package io.signalbox.bus.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * Virtual time, and what happens in it: one event after the other, those of one moment in the order in which they were
 * asked for. All chance comes from one source, so that a seed is a whole history. Not thread-safe.
 */
public final class Simulation {
    private record Event(Instant at, long number, Runnable action) {}

    private final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingLong(Event::number));
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private long numbers;

    public Simulation(long seed) {
        this.random = new Random(seed);
    }

    public Random random() {
        return random;
    }

    public Instant now() {
        return now;
    }

    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** Anything from nothing to {@code max}. */
    public Duration upTo(Duration max) {
        return Duration.ofNanos(random.nextLong(max.toNanos() + 1));
    }

    public void after(Duration delay, Runnable action) {
        events.add(new Event(now.plus(delay), numbers++, action));
    }

    /** Until {@code goesOn} says no; asked before each turn. */
    public void every(Duration interval, BooleanSupplier goesOn, Runnable action) {
        after(interval, () -> {
            if (goesOn.getAsBoolean()) {
                action.run();
                every(interval, goesOn, action);
            }
        });
    }

    public void runFor(Duration time) {
        Instant end = now.plus(time);
        while (!events.isEmpty() && !events.peek().at().isAfter(end)) {
            step();
        }
        now = end;
    }

    /** @return whether the condition came true within the time; looked at after each event */
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        Instant end = now.plus(limit);
        while (!condition.getAsBoolean()) {
            if (events.isEmpty() || events.peek().at().isAfter(end)) {
                now = end;
                return false;
            }
            step();
        }
        return true;
    }

    private void step() {
        Event next = events.remove();
        now = next.at();
        next.action().run();
    }
}
