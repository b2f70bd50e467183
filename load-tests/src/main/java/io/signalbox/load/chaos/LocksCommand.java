package io.signalbox.load.chaos;

import io.signalbox.load.Directories;
import io.signalbox.load.Least;
import io.signalbox.load.LoadException;
import io.signalbox.load.chaos.LockHistory.Line;
import io.signalbox.load.chaos.LockHistory.Type;
import io.signalbox.load.report.Machine;
import io.signalbox.node.client.ApiException;
import io.signalbox.node.embedded.StoreKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "locks",
        description = {
            "Let processes take locks and raise counters under them, at a resource that checks tokens, while some of the processes",
            "are stopped for longer than their leases, and Redis is killed and wiped. No stale write may be accepted, no update",
            "lost, no token come again. Before, measures what locks cost beside SET NX with the same Redis.",
            "The history is written for a checker of linearizability, in the form of Jepsen's."
        },
        mixinStandardHelpOptions = true)
public final class LocksCommand implements Callable<Integer> {
    private static final Duration END_PATIENCE = Duration.ofMinutes(5);
    private static final Duration LOCK_PATIENCE = Duration.ofMillis(100);
    private static final Duration WHOLE_PATIENCE = Duration.ofSeconds(120);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--acquisitions",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Default: ${DEFAULT-VALUE}.")
    private int acquisitions;

    @Option(names = "--processes", paramLabel = "N", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
    private int processes;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "8",
            description = "Of each process. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(names = "--locks", paramLabel = "N", defaultValue = "40", description = "Default: ${DEFAULT-VALUE}.")
    private int locks;

    @Option(
            names = "--paused",
            paramLabel = "N",
            defaultValue = "100",
            description = "Holders to be stopped for longer than their leases. Default: ${DEFAULT-VALUE}.")
    private int paused;

    @Option(names = "--lease", paramLabel = "MS", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}.")
    private int leaseMillis;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often Redis is killed; its data is wiped once besides. Default: ${DEFAULT-VALUE}.")
    private int kills;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(
            names = "--waiters",
            paramLabel = "N",
            defaultValue = "1000",
            description = "For one lock, in the measurement. Default: ${DEFAULT-VALUE}.")
    private int waiters;

    @Option(
            names = "--unchecked",
            description = "The resource does not look at tokens: what locks alone are worth. The run is to fail.")
    private boolean unchecked;

    @Option(names = "--only-safety", description = "Without the measurement.")
    private boolean onlySafety;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--directory",
            description =
                    "New, for data, logs and history.edn, kept. Default: a temporary one, deleted after a good run.")
    private Optional<Path> directory = Optional.empty();

    /** What the workers are to do. */
    record Plan(int processes, int threads, int locks, int acquisitions, Duration lease) {}

    @Override
    public Integer call() throws IOException, InterruptedException, ApiException {
        new Least(spec, 1)
                .check("--acquisitions", acquisitions)
                .check("--processes", processes)
                .check("--threads", threads)
                .check("--locks", locks)
                .check("--lease", leaseMillis)
                .check("--nodes", nodes)
                .check("--waiters", waiters);
        Path home = directory.isPresent()
                ? Files.createDirectories(directory.get())
                : Files.createTempDirectory("signalbox-locks");
        say("On " + Machine.describe() + ", in " + home);
        boolean good;
        try (ChaosCluster cluster = ChaosCluster.start(home, nodes, false, WHOLE_PATIENCE)) {
            if (!onlySafety) {
                measure(cluster);
            }
            good = judge(cluster, home);
        }
        if (good && directory.isEmpty()) {
            Directories.delete(home);
        }
        return good ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private void measure(ChaosCluster cluster) throws InterruptedException, ApiException, LoadException {
        LockRates rates =
                new LockRates(cluster.urls().getFirst(), cluster.stores().address(StoreKind.REDIS));
        rates.measure().forEach(rate -> say(rate.toString()));
        say(rates.queue(10).toString());
        say(rates.queue(waiters).toString());
    }

    private boolean judge(ChaosCluster cluster, Path home) throws IOException, InterruptedException {
        Plan plan = new Plan(processes, threads, locks, acquisitions, Duration.ofMillis(leaseMillis));
        try (CheckedResource resource = new CheckedResource(!unchecked);
                LockWorkers workers = new LockWorkers(plan, cluster.urls(), resource.port(), home)) {
            long begin = System.nanoTime();
            long stopped = disturb(cluster, resource, workers);
            workers.dismiss();
            Duration patience = END_PATIENCE.plus(LOCK_PATIENCE.multipliedBy(acquisitions));
            long end = System.nanoTime() + patience.toNanos();
            while (workers.areRunning()) {
                if (System.nanoTime() > end) {
                    throw new LoadException("workers still run " + patience + " after they were dismissed");
                }
                Thread.sleep(100);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            List<Line> history = workers.history(home.resolve("history.edn"));
            return verdict(resource.sums(), history, stopped, seconds);
        }
    }

    /**
     * Stops processes, kills and wipes Redis, until enough holders were stopped.
     *
     * @return how many were
     */
    private long disturb(ChaosCluster cluster, CheckedResource resource, LockWorkers workers)
            throws IOException, InterruptedException {
        Random random = new Random(seed);
        long stopped = 0;
        for (int turn = 1; workers.areRunning() && (stopped < paused || turn <= 3 * kills); turn++) {
            Thread.sleep(Duration.ofMillis(300));
            int victim = random.nextInt(processes);
            stopped += resource.holders(victim);
            workers.pause(victim, Duration.ofMillis(leaseMillis * 3L / 2));
            if (turn % 3 == 0 && turn / 3 <= kills) {
                cluster.stores().kill(StoreKind.REDIS);
            } else if (turn == 2) { // before the first kill: it takes commands
                cluster.stores().flushRedis();
            }
        }
        return stopped;
    }

    private boolean verdict(CheckedResource.Sums sums, List<Line> history, long stopped, double seconds) {
        long taken = history.stream()
                .filter(line -> line.f().equals("acquire") && line.type() == Type.OK)
                .count();
        List<String> faults = new ArrayList<>(LockHistory.tokenFaults(history));
        if (sums.lostUpdates() > 0 || sums.values() != sums.written()) {
            faults.add("%d stale writes were accepted".formatted(sums.lostUpdates()));
        }
        say("%,d acquisitions in %.0f s, %d holders stopped, %,d writes accepted, %d with stale tokens refused"
                .formatted(taken, seconds, stopped, sums.written(), sums.refused()));
        faults.stream().limit(20).forEach(fault -> say("FAULT: " + fault));
        if (taken < acquisitions || stopped < paused) {
            say("Less happened than was to happen.");
            return false;
        }
        say(faults.isEmpty() ? "Sound: 0 stale writes accepted, tokens grew." : faults.size() + " faults.");
        return faults.isEmpty();
    }
}
