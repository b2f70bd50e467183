package io.signalbox.node;

/**
 * How many agents a node is taken to be good for: {@code cores x 1000 + GiB x 500}, a prior to rank nodes by and to warn
 * with. Immutable, thread-safe.
 *
 * @param agents the capacity
 * @param reason how it came about, for the log
 */
public record NodeCapacity(int agents, String reason) {
    private static final int AGENTS_PER_CORE = 1000;
    private static final int AGENTS_PER_GIB = 500;
    private static final long BYTES_PER_GIB = 1L << 30;

    public NodeCapacity {
        if (agents < 1) {
            throw new IllegalArgumentException("capacity must be at least 1, is " + agents);
        }
    }

    /** @param memoryBytes memory of the machine or of the container; a started GiB counts in full, as the system keeps a part back */
    public static NodeCapacity ofMachine(int cores, long memoryBytes) {
        long gib = Math.ceilDiv(memoryBytes, BYTES_PER_GIB);
        int agents = Math.toIntExact((long) cores * AGENTS_PER_CORE + gib * AGENTS_PER_GIB);
        return new NodeCapacity(agents, cores + " cores x 1000 + " + gib + " GiB x 500");
    }

    public static NodeCapacity configured(int agents) {
        return new NodeCapacity(agents, "configured");
    }
}
