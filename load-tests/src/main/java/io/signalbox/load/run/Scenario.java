package io.signalbox.load.run;

import io.signalbox.load.generator.Order;
import java.util.List;

/**
 * What a load test does.
 *
 * @param rates messages per second, one step after the other; 0: as many as the window allows
 * @param window messages under way all the time, when the rate is 0
 * @param stalled share of the connections that stop reading
 * @param kill whether the first node is killed and started again in between
 */
record Scenario(
        String name,
        Order.Traffic traffic,
        int agents,
        int agentsPerConnection,
        List<Integer> rates,
        int window,
        int payloadBytes,
        int warmUpSeconds,
        int seconds,
        int repetitions,
        double stalled,
        boolean kill) {

    boolean fanOut() {
        return traffic == Order.Traffic.FAN_OUT;
    }

    /** Whether messages are sent at all. */
    boolean sends() {
        return seconds > 0;
    }
}
