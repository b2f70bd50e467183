package io.signalbox.gateway.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * Lets so many clients in per second, a second's worth at once. In a storm each of the others gets a slot behind those
 * who got one before, so that they come back no faster than they can be let in. Knows no clock. Thread-safe.
 */
public final class ConnectPacer {
    private static final Duration BURST = Duration.ofSeconds(1);

    /** Sooner there is no room, and another handshake costs the node more than the client gains. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(250);

    /** Before the random part. Without it clients that never say who they are could keep all others away for hours. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    /** One slot for so much of the rate; the rest is for those who come for the first time. */
    private static final double SLOTS_OF_RATE = 0.75;

    /** Largest random part of a wait: a fourth. */
    private static final int JITTER = 4;

    private final Duration interval;
    private final Duration slotInterval;
    private final RandomGenerator random;
    private final AtomicReference<State> state =
            new AtomicReference<>(new State(Instant.MIN, Instant.MIN, Optional.empty()));

    /**
     * @param spentUntil the rate is used up to then, at most a second ahead
     * @param answer of the turn that led here: none, or how long until the last slot
     */
    private record State(Instant spentUntil, Instant lastSlot, Optional<Duration> answer) {}

    /** @param perSecond at least 1 */
    public ConnectPacer(int perSecond, RandomGenerator random) {
        this.interval = BURST.dividedBy(perSecond);
        this.slotInterval = Duration.ofNanos(Math.round(interval.toNanos() / SLOTS_OF_RATE));
        this.random = random;
    }

    /** Empty: the client is let in; else how long it should stay away. */
    Optional<Duration> turn(Instant now) {
        return state.updateAndGet(before -> after(before, now))
                .answer()
                .map(wait -> wait.plusNanos(random.nextLong(wait.toNanos() / JITTER)));
    }

    private State after(State before, Instant now) {
        // What lies farther ahead is from before the clock was set back.
        Instant spent = clamp(before.spentUntil(), now, now.plus(BURST));
        Instant next = spent.plus(interval);
        if (!next.isAfter(now.plus(BURST))) {
            return new State(next, before.lastSlot(), Optional.empty());
        }
        Instant wanted = before.lastSlot().isAfter(now) ? before.lastSlot().plus(slotInterval) : now;
        Instant slot = clamp(wanted, now.plus(SHORTEST_WAIT), now.plus(LONGEST_WAIT));
        return new State(spent, slot, Optional.of(Duration.between(now, slot)));
    }

    private static Instant clamp(Instant value, Instant earliest, Instant latest) {
        if (value.isBefore(earliest)) {
            return earliest;
        }
        return value.isAfter(latest) ? latest : value;
    }
}
