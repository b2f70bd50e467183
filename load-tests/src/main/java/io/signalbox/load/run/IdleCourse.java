package io.signalbox.load.run;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Nothing is sent: what does a connection cost that is just there? */
record IdleCourse(Scenario scenario, Consumer<String> say) implements Course {
    @Override
    public void run(List<Contestant> contestants) throws IOException, InterruptedException {
        Duration time = Duration.ofSeconds(scenario.seconds());
        for (Contestant each : contestants) {
            long before = ServerCost.of(each.peer().pids()).cpuMicros();
            Thread.sleep(time);
            double cpu = ServerCost.of(each.peer().pids()).cpuMicros() - before;
            long heap = Jvm.liveHeap(each.peer().pids());
            long grown = heap == 0 ? 0 : heap - each.startedHeap();
            each.liveHeap(grown);
            long resident = ServerCost.of(each.peer().pids()).residentBytes()
                    - each.idle().started();
            say.accept(
                    "%-24s %,d connections for %d s: each %.1f KiB resident, %s, %.1f KiB kernel (both ends); %.3f cores"
                            .formatted(
                                    each.peer().name(),
                                    scenario.connections(),
                                    scenario.seconds(),
                                    perConnection(resident),
                                    heap == 0 ? "no JVM" : "%.1f KiB live heap".formatted(perConnection(grown)),
                                    each.idle().kernelKib(),
                                    cpu / 1000 / time.toMillis()));
            if (each.fleet().isBroken()) {
                each.fault("connections were lost while nothing was sent");
            }
        }
    }

    private double perConnection(long bytes) {
        return bytes / 1024.0 / scenario.connections();
    }
}
