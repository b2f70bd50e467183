package io.signalbox.load.run;

import io.signalbox.load.generator.Order.Traffic;
import java.util.List;
import picocli.CommandLine;

/** The scenarios of the message path, with defaults that fit a machine with two cores. */
public final class Scenarios {
    private static final int AGENTS = 19_000;
    private static final int BYTES = 256;

    private Scenarios() {}

    /** Adds a command for each. */
    public static void addTo(CommandLine commands) {
        add(commands, "Connect all, authenticate, subscribe.", silent("storm", 1));
        add(commands, "Connect all and measure their memory.", silent("idle", 1));
        add(commands, "Agents send to random agents, at a fixed rate.", open("pairs", Traffic.PAIRS, 20_000, 30_000));
        add(commands, "Agents ask random agents, which answer.", open("request", Traffic.REQUESTS, 5_000));
        add(commands, "One agent sends to all.", open("fanout", Traffic.FAN_OUT, 1));
        add(
                commands,
                "Fifty agents send to ten, pipelined: as many messages as it takes.",
                new Scenario("hot", Traffic.HOT, 60, 1, List.of(0), 20_000, BYTES, 5, 10, 3, 0, false));
        add(
                commands,
                "Eight connections with a thousand agents each, pipelined: as many messages as it takes.",
                new Scenario("stream", Traffic.STREAM, 8_000, 1_000, List.of(0), 8_000, BYTES, 5, 10, 3, 0, false));
        add(
                commands,
                "The four populations of the reference fleet, each with its rhythm.",
                new Scenario("mixed", Traffic.MIXED, AGENTS, 1, List.of(3_000), 0, BYTES, 10, 60, 1, 0, false));
    }

    private static Scenario silent(String name, int repetitions) {
        return new Scenario(name, Traffic.PAIRS, AGENTS, 1, List.of(), 0, BYTES, 0, 0, repetitions, 0, false);
    }

    private static Scenario open(String name, Traffic traffic, Integer... rates) {
        return new Scenario(name, traffic, AGENTS, 1, List.of(rates), 0, BYTES, 5, 15, 3, 0, false);
    }

    private static void add(CommandLine commands, String description, Scenario scenario) {
        CommandLine command = new CommandLine(new ScenarioCommand(scenario));
        command.getCommandSpec().usageMessage().description(description);
        commands.addSubcommand(scenario.name(), command);
    }
}
