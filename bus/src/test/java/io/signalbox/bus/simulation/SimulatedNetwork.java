package io.signalbox.bus.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Carries messages between named nodes, with all that a network does to them: delays (and so another order), losses, copies,
 * paths that are cut. What is under way when a path is cut is lost. Not thread-safe.
 *
 * @param <M> immutable, for it is handed over, not copied
 */
public final class SimulatedNetwork<M> {
    /**
     * @param loss probability that a message does not arrive
     * @param duplication that it arrives twice
     * @param inOrder as over one connection: no message overtakes another of its path
     */
    public record Faults(double loss, double duplication, Duration minDelay, Duration maxDelay, boolean inOrder) {
        public static final Faults NONE = new Faults(0, 0, Duration.ofMillis(1), Duration.ofMillis(1), true);
    }

    private record Path(String from, String to) {}

    private final Simulation simulation;
    private final Map<String, BiConsumer<String, M>> nodes = new HashMap<>();
    private final Set<Path> cut = new HashSet<>();
    private final Map<Path, Instant> latest = new HashMap<>();
    private Faults faults = Faults.NONE;

    public SimulatedNetwork(Simulation simulation) {
        this.simulation = simulation;
    }

    public void faults(Faults now) {
        faults = now;
    }

    /** @param receiver gets the sender's name and the message; takes the place of the one before */
    public void join(String node, BiConsumer<String, M> receiver) {
        nodes.put(node, receiver);
    }

    /** As when its process dies: what comes for it is lost. */
    public void leave(String node) {
        nodes.remove(node);
    }

    /** One way; both ways are two calls. */
    public void cut(String from, String to) {
        cut.add(new Path(from, to));
    }

    public void heal() {
        cut.clear();
    }

    public boolean reaches(String from, String to) {
        return nodes.containsKey(to) && !cut.contains(new Path(from, to));
    }

    public void send(String from, String to, M message) {
        if (!simulation.chance(faults.loss())) {
            deliverLater(from, to, message);
        }
        if (simulation.chance(faults.duplication())) {
            deliverLater(from, to, message);
        }
    }

    private void deliverLater(String from, String to, M message) {
        simulation.after(delay(new Path(from, to)), () -> {
            if (reaches(from, to)) {
                nodes.get(to).accept(from, message);
            }
        });
    }

    private Duration delay(Path path) {
        Duration delay =
                faults.minDelay().plus(simulation.upTo(faults.maxDelay().minus(faults.minDelay())));
        if (!faults.inOrder()) {
            return delay;
        }
        Instant arrival = simulation.now().plus(delay);
        Instant before = latest.getOrDefault(path, arrival);
        latest.put(path, before.isAfter(arrival) ? before : arrival);
        return Duration.between(simulation.now(), latest.get(path));
    }
}
