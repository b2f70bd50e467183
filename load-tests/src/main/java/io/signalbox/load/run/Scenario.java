package io.signalbox.load.run;

import io.signalbox.load.generator.Order;
import io.signalbox.load.peer.Peers;
import java.util.List;
import java.util.Optional;

/**
 * What a load test does.
 *
 * @param rates messages per second, one step after the other; 0: as many as the window allows; to find the capacity: the
 *     step by which the rate grows
 * @param window messages under way all the time, when the rate is 0
 * @param seconds measured time of each repetition
 * @param reconnectSpreadMs lost connections come back after a random part of it
 */
record Scenario(
        String name,
        Kind kind,
        Order.Traffic traffic,
        int agents,
        int agentsPerConnection,
        List<Integer> rates,
        int window,
        int payloadBytes,
        int warmUpSeconds,
        int seconds,
        int repetitions,
        int reconnectSpreadMs) {
    /** Of so many connections to a node one is a slow reader. */
    private static final int SLOW_EVERY = 100;

    /** Who is to do it. */
    enum Kind {
        TRAFFIC,
        STORM,
        IDLE,
        RECONNECT,
        SLOW_READERS,
        CAPACITY
    }

    /** Why it cannot be run as it was asked for; empty: it can. */
    Optional<String> fault() {
        if (agents < 1 || agentsPerConnection < 1 || repetitions < 1) {
            return Optional.of("agents, agents per connection and repetitions must be at least 1");
        }
        if (rates.stream().anyMatch(rate -> rate < 0) || payloadBytes < 0 || warmUpSeconds < 0) {
            return Optional.of("rates, bytes and times cannot be negative");
        }
        if (kind == Kind.CAPACITY && !rates.stream().allMatch(step -> step > 0)) {
            return Optional.of("the step must be at least 1 message/s");
        }
        if (rates.contains(0) && window < 1) {
            return Optional.of("rate 0, as many as it takes, needs a --window: how many are under way all the time");
        }
        return seconds < 1 && !rates.isEmpty()
                ? Optional.of("the measured time must be at least 1 second")
                : Optional.empty();
    }

    /** The same for so many seconds. */
    Scenario lasting(int longer) {
        return new Scenario(
                name,
                kind,
                traffic,
                agents,
                agentsPerConnection,
                rates,
                window,
                payloadBytes,
                warmUpSeconds,
                longer,
                repetitions,
                reconnectSpreadMs);
    }

    boolean durable() {
        return traffic == Order.Traffic.DURABLE;
    }

    /** Side by side, when nothing else is asked for. */
    List<Peers> peers() {
        return durable() ? List.of(Peers.SIGNALBOX, Peers.REDIS) : List.of(Peers.SIGNALBOX);
    }

    boolean fanOut() {
        return traffic == Order.Traffic.FAN_OUT;
    }

    int connections() {
        return Math.ceilDiv(agents, agentsPerConnection);
    }

    /** Of so many connections to a node one is a slow reader; 0: none. */
    int slowEvery() {
        return kind == Kind.SLOW_READERS ? SLOW_EVERY : 0;
    }
}
