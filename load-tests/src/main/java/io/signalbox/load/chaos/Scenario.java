package io.signalbox.load.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Faults, of which each next one is drawn.
 *
 * @param faults those that are named twice come twice as often
 * @param atOnce how many of them at a time
 */
record Scenario(String name, String meaning, List<Fault> faults, int atOnce) {
    private static final List<Fault> KILLS = List.of(
            Fault.KILL_NODE,
            Fault.KILL_NODE,
            Fault.KILL_NODE,
            Fault.KILL_REDIS,
            Fault.KILL_REDIS,
            Fault.KILL_POSTGRES,
            Fault.KILL_NODES,
            Fault.KILL_ALL,
            Fault.KILL_TWO);
    private static final List<Fault> PARTITIONS = List.of(
            Fault.CUT_PEERS,
            Fault.CUT_REDIS,
            Fault.CUT_POSTGRES,
            Fault.LOSE_PEERS,
            Fault.LOSE_REDIS,
            Fault.LOSE_POSTGRES,
            Fault.LOSE_ALL,
            Fault.MUTE_NODE,
            Fault.DEAFEN_NODE,
            Fault.FLAP_PEERS);
    /** They do what an operator forbids, are slow to heal, or need other stores. */
    private static final EnumSet<Fault> APART =
            EnumSet.of(Fault.FLUSH_REDIS, Fault.FILL_REDIS, Fault.FILL_POSTGRES, Fault.LOSE_PRIMARY);

    Scenario {
        faults = List.copyOf(faults);
    }

    /** All that there are. */
    static List<Scenario> all() {
        List<Fault> mixed = Arrays.stream(Fault.values())
                .filter(fault -> !APART.contains(fault))
                .toList();
        List<Scenario> all = new ArrayList<>(Arrays.stream(Fault.values())
                .map(fault -> new Scenario(fault.toString(), fault.meaning(), List.of(fault), 1))
                .toList());
        all.add(new Scenario("kills", "each kind of kill -9", KILLS, 1));
        all.add(new Scenario("partitions", "each way to lose a link", PARTITIONS, 1));
        all.add(new Scenario("mixed", "all but flush, full disks and the loss of a primary", mixed, 1));
        all.add(new Scenario("pairs", "two of these at once, on different things", mixed, 2));
        return List.copyOf(all);
    }

    /**
     * @param names one, or several with commas, of whose faults each next one is drawn
     * @return empty when there is none of such a name
     */
    static Optional<Scenario> named(String names) {
        List<Optional<Scenario>> parts =
                Arrays.stream(names.split(",")).map(Scenario::one).toList();
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        if (parts.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        List<Scenario> some = parts.stream().map(Optional::orElseThrow).toList();
        return Optional.of(new Scenario(
                names,
                "some of them",
                some.stream().flatMap(part -> part.faults().stream()).toList(),
                some.stream().mapToInt(Scenario::atOnce).max().orElseThrow()));
    }

    private static Optional<Scenario> one(String name) {
        return all().stream()
                .filter(scenario -> scenario.name().equalsIgnoreCase(name.strip()))
                .findFirst();
    }

    /** Without what makes no sense for so many nodes; it may be that nothing is left. */
    Scenario with(int nodes) {
        return new Scenario(
                name,
                meaning,
                faults.stream()
                        .filter(fault -> nodes > 1 || !fault.needsPeers())
                        .toList(),
                atOnce);
    }

    /** Whether one of the faults needs a Redis with a replica, and another one without. */
    boolean isContradictory() {
        return isReplicated() && faults.stream().anyMatch(Fault::needsRedisAlone);
    }

    /** Whether Redis is to have a replica. */
    boolean isReplicated() {
        return faults.stream().anyMatch(Fault::needsReplica);
    }

    /** What is done next, at once. */
    List<Fault> next(RandomGenerator random) {
        Fault first = any(faults, random);
        List<Fault> others = faults.stream().filter(first::goesWith).toList();
        return atOnce == 1 || others.isEmpty() ? List.of(first) : List.of(first, any(others, random));
    }

    private static Fault any(List<Fault> some, RandomGenerator random) {
        return some.get(random.nextInt(some.size()));
    }

    /** For people: a line for each. */
    static Stream<String> lines() {
        return all().stream().map(scenario -> "%-14s %s".formatted(scenario.name(), scenario.meaning()));
    }
}
