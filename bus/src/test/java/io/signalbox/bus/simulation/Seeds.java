package io.signalbox.bus.simulation;

import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Runs a simulation with many seeds. {@code -Dsignalbox.seeds=10000} sets how many for every simulation,
 * {@code -Dsignalbox.seed=42} replays one. A failure names its seed.
 */
public final class Seeds {
    private static final String ONE = "signalbox.seed";
    private static final String COUNT = "signalbox.seeds";

    private Seeds() {}

    /** @param count of seeds, where the command line says nothing else */
    public static void forEach(int count, LongConsumer simulation) {
        Long one = Long.getLong(ONE);
        LongStream seeds =
                one == null ? LongStream.rangeClosed(1, Integer.getInteger(COUNT, count)) : LongStream.of(one);
        seeds.forEach(seed -> run(seed, simulation));
    }

    private static void run(long seed, LongConsumer simulation) {
        try {
            simulation.accept(seed);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + " fails, -D" + ONE + "=" + seed + " replays it: " + e.getMessage(), e);
        }
    }
}
