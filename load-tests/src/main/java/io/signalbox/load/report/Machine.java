package io.signalbox.load.report;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What a figure was measured on. */
public final class Machine {
    private Machine() {}

    public static String describe() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return "%s %s, %d cores, %d GiB, load %.2f, JDK %s"
                .formatted(
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        system.getAvailableProcessors(),
                        system.getTotalMemorySize() >> 30,
                        system.getSystemLoadAverage(),
                        Runtime.version());
    }
}
