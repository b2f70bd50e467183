package io.signalbox.load.run;

import io.signalbox.load.generator.Order.Traffic;
import io.signalbox.load.run.Scenario.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The scenarios of the message path, with defaults that fit a machine with two cores. */
public final class Scenarios {
    private static final int AGENTS = 19_000;
    private static final int BYTES = 256;

    /** Lost connections come back within this, where nothing else is said. */
    private static final int SPREAD_MS = 1_000;

    private Scenarios() {}

    /** Adds a command for each. */
    public static void addTo(CommandLine commands) {
        add(
                commands,
                "Cut all connections and connect all again: handshake, token, attach.",
                quiet("storm", Kind.STORM, 0, 5));
        add(
                commands,
                "Connect all, send nothing: memory of each connection, resident, live and in the kernel.",
                quiet("idle", Kind.IDLE, 10, 1));
        add(commands, "Agents send to random agents, at a fixed rate.", open("pairs", Traffic.PAIRS, 20_000, 30_000));
        add(commands, "Agents ask random agents, which answer.", open("request", Traffic.REQUESTS, 5_000));
        add(commands, "One agent sends to all.", open("fanout", Traffic.FAN_OUT, 1));
        add(
                commands,
                "Fifty agents send to ten, pipelined: as many messages as it takes.",
                traffic("hot", Traffic.HOT, 60, 1, 0, 20_000, 5, 10));
        add(
                commands,
                "Eight connections with a thousand agents each, pipelined: as many messages as it takes.",
                traffic("stream", Traffic.STREAM, 8_000, 1_000, 0, 8_000, 5, 10));
        add(
                commands,
                "Agents send durable messages to random agents, beside plain XADD to the same Redis: as many as it takes, then at a rate.",
                new Scenario(
                        "durable",
                        Kind.TRAFFIC,
                        Traffic.DURABLE,
                        200,
                        20,
                        List.of(0, 10_000),
                        2_000,
                        BYTES,
                        10,
                        15,
                        3,
                        SPREAD_MS));
        add(
                commands,
                "The four populations of the reference fleet, each with its rhythm.",
                new Scenario(
                        "mixed",
                        Kind.TRAFFIC,
                        Traffic.MIXED,
                        AGENTS,
                        1,
                        List.of(3_000),
                        0,
                        BYTES,
                        10,
                        60,
                        1,
                        SPREAD_MS));
        add(
                commands,
                "One connection in a hundred stops reading: the others lose nothing, and what it loses is counted.",
                new Scenario(
                        "slow",
                        Kind.SLOW_READERS,
                        Traffic.SLOW_READERS,
                        5_000,
                        1,
                        List.of(10_000),
                        0,
                        BYTES,
                        5,
                        10,
                        1,
                        SPREAD_MS));
        add(
                commands,
                "The first node is killed (SIGKILL) and started again: until all are back, then pairs.",
                new Scenario(
                        "reconnect",
                        Kind.RECONNECT,
                        Traffic.PAIRS,
                        AGENTS,
                        1,
                        List.of(5_000),
                        0,
                        BYTES,
                        2,
                        5,
                        1,
                        2_000));
        add(
                commands,
                "Raise the rate until less than 99 %% is delivered in time or p99 passes 100 ms.",
                new Scenario(
                        "capacity",
                        Kind.CAPACITY,
                        Traffic.PAIRS,
                        5_000,
                        1,
                        List.of(10_000),
                        0,
                        BYTES,
                        2,
                        5,
                        1,
                        SPREAD_MS));
    }

    private static Scenario quiet(String name, Kind kind, int seconds, int repetitions) {
        return new Scenario(
                name, kind, Traffic.PAIRS, AGENTS, 1, List.of(), 0, BYTES, 0, seconds, repetitions, SPREAD_MS);
    }

    private static Scenario open(String name, Traffic traffic, Integer... rates) {
        return new Scenario(name, Kind.TRAFFIC, traffic, AGENTS, 1, List.of(rates), 0, BYTES, 5, 15, 3, SPREAD_MS);
    }

    private static Scenario traffic(
            String name,
            Traffic traffic,
            int agents,
            int perConnection,
            int rate,
            int window,
            int warmUp,
            int seconds) {
        return new Scenario(
                name,
                Kind.TRAFFIC,
                traffic,
                agents,
                perConnection,
                List.of(rate),
                window,
                BYTES,
                warmUp,
                seconds,
                3,
                SPREAD_MS);
    }

    private static void add(CommandLine commands, String description, Scenario scenario) {
        CommandLine command = new CommandLine(new ScenarioCommand(scenario));
        CommandSpec spec = command.getCommandSpec();
        spec.usageMessage().description(description).footer("", "Defaults: " + defaults(scenario) + ".");
        without(scenario).forEach(option -> spec.remove(spec.findOption(option)));
        commands.addSubcommand(scenario.name(), command);
    }

    /** Options that change nothing there. */
    private static Set<String> without(Scenario scenario) {
        return switch (scenario.kind()) {
            case TRAFFIC, SLOW_READERS ->
                scenario.durable()
                        ? Set.of("--step", "--reconnect-spread", "--nodes")
                        : Set.of("--step", "--reconnect-spread");
            case STORM ->
                Set.of("--step", "--reconnect-spread", "--rate", "--bytes", "--warm-up", "--window", "--seconds");
            case IDLE ->
                Set.of("--step", "--reconnect-spread", "--rate", "--bytes", "--warm-up", "--window", "--repetitions");
            case RECONNECT -> Set.of("--step", "--window");
            case CAPACITY -> Set.of("--reconnect-spread", "--rate", "--window", "--repetitions");
        };
    }

    static String defaults(Scenario scenario) {
        String who = "%,d agents on %,d connections".formatted(scenario.agents(), scenario.connections());
        String times = "%d time%s".formatted(scenario.repetitions(), scenario.repetitions() == 1 ? "" : "s");
        String load = "%,d bytes, %d s after %d s of warm-up"
                .formatted(scenario.payloadBytes(), scenario.seconds(), scenario.warmUpSeconds());
        return switch (scenario.kind()) {
            case STORM -> who + ", " + times;
            case IDLE -> who + ", " + scenario.seconds() + " s";
            case CAPACITY ->
                "%s, steps of %,d/s, %s; servers on processor 0 and load on 1 where taskset is there"
                        .formatted(who, scenario.rates().getFirst(), load);
            case TRAFFIC, SLOW_READERS, RECONNECT -> "%s, %s, %s, %s".formatted(who, rates(scenario), load, times);
        };
    }

    private static String rates(Scenario scenario) {
        return scenario.rates().stream()
                .map(rate -> rate == 0
                        ? "%,d messages under way".formatted(scenario.window())
                        : String.format(Locale.ROOT, "%,d/s", rate))
                .collect(Collectors.joining(" and "));
    }
}
