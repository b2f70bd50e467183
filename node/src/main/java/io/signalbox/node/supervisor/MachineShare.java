package io.signalbox.node.supervisor;

import com.sun.management.OperatingSystemMXBean;
import io.signalbox.node.NodeCapacity;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/**
 * What each of several nodes may use of the machine that they share. Immutable.
 *
 * @param nodes how many there are
 */
record MachineShare(int nodes, int cores, long memoryBytes) {
    /** Of the machine's memory a JVM takes so much for its heap unless it is told. */
    private static final double USUAL_HEAP_PERCENT = 25;

    static MachineShare ofThisMachine(int nodes) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new MachineShare(nodes, Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize());
    }

    /** Agents. */
    int capacity() {
        return Math.max(1, NodeCapacity.ofMachine(cores, memoryBytes).agents() / nodes);
    }

    int eventLoops() {
        return Math.ceilDiv(cores, nodes);
    }

    /** Before those that the operator has chosen, which win. */
    List<String> jvmOptions() {
        return List.of(String.format(Locale.ROOT, "-XX:MaxRAMPercentage=%.3f", USUAL_HEAP_PERCENT / nodes));
    }
}
