package io.signalbox.load.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The reference fleet's four populations, scaled to the agents that there are. A population's agents are spread over all
 * connections. Not thread-safe.
 */
final class Populations implements Choice {
    /** Stands for the whole fleet of 30,000. */
    private static final int FLEET = 30_000;

    /** Spreads neighbours; has no factor in common with the fleet's size. */
    private static final int STRIDE = 7_919;

    /**
     * One population.
     *
     * @param agents of the whole fleet
     * @param perMinute messages that each agent sends
     * @param partner index of the population that it talks to
     */
    record Population(String name, int agents, double perMinute, int partner) {}

    static final List<Population> ALL = List.of(
            new Population("research", 12_592, 4, 0),
            new Population("code deployment", 8_407, 8, 2),
            new Population("infrastructure", 5_401, 15, 3),
            new Population("monitoring", 3_600, 30, 1));

    private final Layout layout;
    private final SplittableRandom random;
    private final List<int[]> senders = new ArrayList<>();
    private final List<List<int[]>> receiversByNode = new ArrayList<>();
    private final double[] shares;
    private int from;
    private int to;

    Populations(Order.Connect order, SplittableRandom random) {
        this.layout = order.layout();
        this.random = random;
        int firstAgent = layout.firstAgent(order.firstConnection());
        int lastAgent = Math.min(layout.agents(), firstAgent + order.connections() * layout.agentsPerConnection());
        for (int population = 0; population < ALL.size(); population++) {
            senders.add(agents(population, firstAgent, lastAgent, -1));
            List<int[]> byNode = new ArrayList<>();
            for (int node = 0; node < layout.nodes().size(); node++) {
                byNode.add(agents(population, 0, layout.agents(), node));
            }
            receiversByNode.add(byNode);
        }
        this.shares = shares();
    }

    private int[] agents(int population, int from, int to, int node) {
        return IntStream.range(from, to)
                .filter(agent -> populationOf(agent, layout.agents()) == population)
                .filter(agent ->
                        node < 0 || layout.connectionOf(agent) % layout.nodes().size() == node)
                .toArray();
    }

    /** Messages per second that a fleet of so many agents sends. */
    static double rate(int agents) {
        return ALL.stream()
                        .mapToDouble(each -> each.agents() * each.perMinute())
                        .sum()
                / 60
                * agents
                / FLEET;
    }

    static int populationOf(int agent, int agents) {
        int place = (int) ((long) agent * FLEET / agents) * STRIDE % FLEET;
        int end = 0;
        for (int population = 0; population < ALL.size(); population++) {
            end += ALL.get(population).agents();
            if (place < end) {
                return population;
            }
        }
        throw new IllegalStateException("the populations are fewer than the fleet");
    }

    /** Cumulated part of all messages that each population sends. */
    private double[] shares() {
        double[] cumulated = new double[ALL.size()];
        double sum = 0;
        for (int i = 0; i < cumulated.length; i++) {
            sum += senders.get(i).length * ALL.get(i).perMinute();
            cumulated[i] = sum;
        }
        for (int i = 0; i < cumulated.length; i++) {
            cumulated[i] /= sum;
        }
        return cumulated;
    }

    @Override
    public void next() {
        double at = random.nextDouble();
        int population = 0;
        while (population < shares.length - 1 && shares[population] <= at) {
            population++;
        }
        from = any(senders.get(population));
        int node = layout.connectionOf(from) % layout.nodes().size();
        int[] receivers = receiversByNode.get(ALL.get(population).partner()).get(node);
        do {
            to = any(receivers);
        } while (to == from && receivers.length > 1);
    }

    private int any(int[] agents) {
        return agents[random.nextInt(agents.length)];
    }

    @Override
    public int from() {
        return from;
    }

    @Override
    public int to() {
        return to;
    }
}
