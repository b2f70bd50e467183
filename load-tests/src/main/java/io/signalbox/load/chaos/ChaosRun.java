package io.signalbox.load.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** One run: a cluster, its clients, and one fault after the other. Used once. */
final class ChaosRun {
    private static final Duration WHOLE_PATIENCE = Duration.ofSeconds(90);
    private static final Duration QUIET = Duration.ofSeconds(5);
    private static final Duration QUIET_PATIENCE = Duration.ofSeconds(90);
    private static final int SHORTEST_PAUSE_MILLIS = 300;
    private static final int LONGEST_PAUSE_MILLIS = 3000;

    /**
     * @param faults at most so many, if the time is not over before
     * @param agents of each skill
     */
    record Plan(
            Scenario scenario,
            int nodes,
            int minutes,
            int faults,
            long seed,
            int senders,
            int pauseMillis,
            int mailboxes,
            int agents,
            int submitters,
            int subscribers) {}

    /** One of the faults of a moment, with what was drawn for it. */
    private record Act(Fault fault, ChaosNode node, RandomGenerator random) {}

    private final Plan plan;
    private final Path home;
    private final Random random;
    private final Consumer<String> out;
    private final Map<Fault, Integer> done = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();
    private ChaosResult.Probes probes = new ChaosResult.Probes(0, 0, 0);
    private long longestHealing;

    /** @param out told, line by line, how it goes */
    ChaosRun(Plan plan, Path home, Consumer<String> out) {
        this.plan = plan;
        this.home = home;
        this.random = new Random(plan.seed());
        this.out = out;
    }

    ChaosResult perform() throws IOException, InterruptedException {
        Path file = home.resolve("journal");
        long begin = System.nanoTime();
        try (ChaosCluster cluster =
                ChaosCluster.start(home, plan.nodes(), plan.scenario().isReplicated(), WHOLE_PATIENCE)) {
            out.accept("ready after %d ms".formatted((System.nanoTime() - begin) / 1_000_000));
            Journal journal = new Journal(file);
            Faults faults = new Faults(cluster, journal);
            TaskTraffic.Verdict tasks = load(cluster, faults, journal);
            return result(faults, tasks, file);
        }
    }

    /** Closes the journal when all clients have ended. */
    private TaskTraffic.Verdict load(ChaosCluster cluster, Faults faults, Journal journal) throws InterruptedException {
        try (journal;
                ChaosClients clients = new ChaosClients(cluster.urls());
                TaskTraffic tasks = new TaskTraffic(clients, cluster.urls())) {
            DurableTraffic durable = new DurableTraffic(
                    journal,
                    clients,
                    Duration.ofMillis(plan.pauseMillis()),
                    plan.scenario().isReplicated());
            LiveTraffic live = new LiveTraffic(clients);
            durable.start(plan.senders(), plan.mailboxes(), random);
            tasks.start(plan.agents(), plan.submitters(), random);
            live.start(cluster.urls(), plan.subscribers());
            disturb(cluster, faults, durable, tasks, live);
            durable.finishSending();
            tasks.finishSubmitting();
            awaitReceived(durable);
            return tasks.verdict();
        }
    }

    private void disturb(
            ChaosCluster cluster, Faults faults, DurableTraffic durable, TaskTraffic tasks, LiveTraffic live)
            throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + Duration.ofMinutes(plan.minutes()).toNanos();
        try {
            probe(live, "the start");
            for (int number = 0; number < plan.faults() && System.nanoTime() < end; number++) {
                Thread.sleep(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
                List<Fault> now = plan.scenario().next(random);
                double at = (System.nanoTime() - begin) / 1e9;
                perform(cluster, faults, now);
                long undone = System.nanoTime();
                now.forEach(fault -> done.merge(fault, 1, Integer::sum));
                cluster.awaitWhole(WHOLE_PATIENCE);
                long healing = (System.nanoTime() - undone) / 1_000_000;
                longestHealing = Math.max(longestHealing, healing);
                faults.complaint().ifPresent(this::complain);
                LiveTraffic.Probes heard = probe(live, names(now));
                out.accept(
                        "%6.1f s  %-28s whole again after %,6d ms, heard after %,5d ms; %,d acknowledged, %,d received, %,d tasks"
                                .formatted(
                                        at,
                                        names(now),
                                        healing,
                                        heard.time().toMillis(),
                                        durable.acknowledged(),
                                        durable.received(),
                                        tasks.accepted()));
            }
        } catch (IOException e) {
            complain("after " + done + ": " + e.getMessage());
        }
    }

    private static String names(List<Fault> faults) {
        return String.join(" + ", faults.stream().map(Fault::toString).toList());
    }

    private LiveTraffic.Probes probe(LiveTraffic live, String after) throws InterruptedException {
        LiveTraffic.Probes heard = live.probe();
        probes = probes.and(heard);
        if (!heard.isGood()) {
            complain("after %s live subscribers heard %d of %d within %d ms"
                    .formatted(after, heard.heard(), heard.due(), heard.time().toMillis()));
        }
        return heard;
    }

    private void perform(ChaosCluster cluster, Faults faults, List<Fault> now)
            throws IOException, InterruptedException {
        List<ChaosNode> nodes = cluster.some(now.size(), random);
        boolean alone = now.size() == 1;
        List<Act> acts = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            ChaosNode node = nodes.get(i % nodes.size());
            acts.add(new Act(now.get(i), node, new Random(random.nextLong())));
        }
        AllOf.run(acts, act -> faults.perform(act.fault(), act.node(), alone, act.random()));
    }

    private void complain(String words) {
        complaints.add(words);
        out.accept("FAULT " + words);
    }

    /** Until as many were received as were acknowledged, or nothing comes any more: then something is lost. */
    private void awaitReceived(DurableTraffic traffic) throws InterruptedException {
        long last = -1;
        long since = System.nanoTime();
        // Repeated ones count twice here, so a while of quiet decides in any case.
        while (System.nanoTime() - since < quiet(traffic).toNanos()) {
            if (traffic.received() != last) {
                last = traffic.received();
                since = System.nanoTime();
            }
            Thread.sleep(100);
        }
    }

    private Duration quiet(DurableTraffic traffic) {
        boolean all = traffic.received() >= traffic.acknowledged();
        return all || done.containsKey(Fault.FLUSH_REDIS) || done.containsKey(Fault.LOSE_PRIMARY)
                ? QUIET
                : QUIET_PATIENCE;
    }

    private ChaosResult result(Faults faults, TaskTraffic.Verdict tasks, Path file) throws IOException {
        JournalAnalysis analysis = new JournalAnalysis();
        try (Stream<String> lines = Files.lines(file)) {
            lines.map(Observation::parse).flatMap(Optional::stream).forEach(analysis::see);
        }
        int kills = done.entrySet().stream()
                .mapToInt(each -> each.getKey().kills(plan.nodes()) * each.getValue())
                .sum();
        return new ChaosResult(
                plan.scenario().name(),
                plan.nodes(),
                plan.seed(),
                plan.minutes(),
                done,
                kills,
                longestHealing,
                probes,
                faults.killed(),
                faults.hung(),
                analysis.verdict(),
                tasks,
                complaints);
    }
}
