package io.signalbox.gateway.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * Gives each client that connects its turn: so many per second, a second's worth at once. In a storm the next wait for
 * theirs on the connection that they have. Who would wait too long gets a slot to come again, behind those who got one
 * before, so that they come back no faster than they can be let in. Knows no clock. Thread-safe.
 */
public final class ConnectPacer {
    /** Half of what clients wait for their Welcome, for the node may be late with it. */
    static final Duration MAX_HOLD = Duration.ofSeconds(5);

    private static final Duration BURST = Duration.ofSeconds(1);

    /** Turns are given so far ahead. */
    private static final Duration AHEAD = BURST.plus(MAX_HOLD);

    /** Sooner there is no room, and another handshake costs the node more than the client gains. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(250);

    /** Before the random part. Without it clients that never say who they are could keep all others away for hours. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    /** Largest random part of a wait: a fourth. Who comes late finds the turns of {@link #MAX_HOLD} taken by others. */
    private static final int JITTER = 4;

    private final Duration interval;
    private final RandomGenerator random;
    private final AtomicReference<State> state = new AtomicReference<>(new State(Instant.MIN, Instant.MIN, new Now()));

    /** Clients that are sent away come again within it, if they are few. */
    static final Duration SHORTEST_SPREAD = Duration.ofSeconds(2);

    /** However many they are: what they hold must not be taken for lost before they have brought it along. */
    static final Duration LONGEST_SPREAD = Duration.ofSeconds(8);

    /** When a client is let in. */
    sealed interface Turn {}

    record Now() implements Turn {}

    /** @param delay at most {@link #MAX_HOLD}; it need not connect again */
    record Hold(Duration delay) implements Turn {}

    /** @param delay how long the client is to stay away; it has no turn yet */
    record ComeAgain(Duration delay) implements Turn {}

    /**
     * @param spentUntil the rate is used up to then, at most {@link #AHEAD}
     * @param turn that led here; without the random part
     */
    private record State(Instant spentUntil, Instant lastSlot, Turn turn) {}

    /** @param perSecond at least 1 */
    public ConnectPacer(int perSecond, RandomGenerator random) {
        this.interval = BURST.dividedBy(perSecond);
        this.random = random;
    }

    Turn turn(Instant now) {
        Turn turn = state.updateAndGet(before -> after(before, now)).turn();
        return turn instanceof ComeAgain(Duration wait)
                ? new ComeAgain(wait.plusNanos(random.nextLong(wait.toNanos() / JITTER)))
                : turn;
    }

    /**
     * Over which time so many clients that are sent away are to connect again. It is for a node like this one, so that they
     * come no faster than it lets them in.
     */
    Duration reconnectSpread(int clients) {
        Duration wanted = interval.multipliedBy(clients);
        Duration atLeast = wanted.compareTo(SHORTEST_SPREAD) < 0 ? SHORTEST_SPREAD : wanted;
        return atLeast.compareTo(LONGEST_SPREAD) > 0 ? LONGEST_SPREAD : atLeast;
    }

    private State after(State before, Instant now) {
        // What lies farther ahead is from before the clock was set back.
        Instant spent = clamp(before.spentUntil(), now, now.plus(AHEAD));
        Instant next = spent.plus(interval);
        if (next.isAfter(now.plus(AHEAD))) {
            Instant wanted = before.lastSlot().isAfter(now) ? before.lastSlot().plus(interval) : now;
            Instant slot = clamp(wanted, now.plus(SHORTEST_WAIT), now.plus(LONGEST_WAIT));
            return new State(spent, slot, new ComeAgain(Duration.between(now, slot)));
        }
        Duration wait = Duration.between(now.plus(BURST), next);
        return new State(next, before.lastSlot(), wait.isPositive() ? new Hold(wait) : new Now());
    }

    private static Instant clamp(Instant value, Instant earliest, Instant latest) {
        if (value.isBefore(earliest)) {
            return earliest;
        }
        return value.isAfter(latest) ? latest : value;
    }
}
