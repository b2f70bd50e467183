package io.signalbox.node;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the process may use. Immutable.
 *
 * @param memoryBytes of the machine or of the container
 * @param heapBytes most that the heap may take
 * @param directBytes most that buffers outside of the heap may take
 * @param openFiles most sockets and files; -1: not known
 */
record MachineLimits(int cores, long memoryBytes, long heapBytes, long directBytes, long openFiles) {
    static MachineLimits ofThisProcess() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long heap = Runtime.getRuntime().maxMemory();
        long direct = Long.parseLong(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
        return new MachineLimits(
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize(),
                heap,
                direct == 0 ? heap : direct,
                system instanceof UnixOperatingSystemMXBean unix ? unix.getMaxFileDescriptorCount() : -1);
    }

    @Override
    public String toString() {
        return "cores %d, memory %d MiB, heap %d MiB, direct memory %d MiB, open files %d"
                .formatted(cores, mebibytes(memoryBytes), mebibytes(heapBytes), mebibytes(directBytes), openFiles);
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }
}
