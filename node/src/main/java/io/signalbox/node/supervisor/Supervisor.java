package io.signalbox.node.supervisor;

import io.signalbox.config.LogConfig;
import io.signalbox.config.SignalboxConfig;
import io.signalbox.node.DataDirectory;
import io.signalbox.node.Lifecycle;
import io.signalbox.node.NodeException;
import io.signalbox.node.NodeStores;
import io.signalbox.node.StartedParts;
import io.signalbox.node.embedded.FreePort;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Several nodes of one machine, processes of their own, over stores that they share: embedded ones, as children of this
 * process, where the configuration names no others. A node that ends is started again. Thread-safe; {@code start} and
 * {@code stop} are idempotent.
 */
public final class Supervisor {
    /** A node says so, in a line of its own, when it is ready. */
    public static final String READY_LINE = "signalbox: ready";

    /** Of the connections that the embedded PostgreSQL takes some are for people. */
    private static final int MOST_CONNECTIONS = 190;

    /** Which membership keeps for itself, besides a node's pool. */
    private static final int MEMBERSHIP_CONNECTIONS = 2;

    private static final Duration STORES_PATIENCE = Duration.ofSeconds(60);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    /** Besides the time for draining. */
    private static final Duration NODE_PATIENCE = Duration.ofSeconds(30);

    private final SignalboxConfig config;
    private final Optional<Path> file;
    private final Map<String, String> given;
    private final MachineShare share;
    private final Consumer<String> log;
    private final SecureRandom random = new SecureRandom();
    private final StartedParts parts = new StartedParts();
    private final Lifecycle lifecycle;
    private final List<SupervisedNode> nodes = new CopyOnWriteArrayList<>();
    private volatile List<NodePlan> plans = List.of();
    private volatile Optional<NodeStores> stores = Optional.empty();

    /**
     * @param config what {@code file}, the environment and {@code given} come to
     * @param file goes on to the nodes
     * @param given values by key, which go on to the nodes
     * @param count how many nodes there are
     * @param log gets each line that a node writes; from any thread
     */
    public Supervisor(
            SignalboxConfig config, Optional<Path> file, Map<String, String> given, int count, Consumer<String> log) {
        this.config = config;
        this.file = file;
        this.given = Map.copyOf(given);
        this.share = MachineShare.ofThisMachine(count);
        this.log = log;
        this.lifecycle = new Lifecycle("The supervisor", parts);
    }

    /**
     * Completes when all nodes are ready. Fails with {@link NodeException}, whose message is for the operator, after
     * everything was stopped again. Blocks while nodes of an earlier supervisor end.
     */
    public Future<Supervisor> start() {
        return lifecycle.start(this::assemble).map(this);
    }

    /** Stops the nodes, all at once, then the stores. Never fails. */
    public Future<Void> stop() {
        return lifecycle.stop(() -> {
            if (nodes.isEmpty()) {
                stores.ifPresent(NodeStores::stop);
            }
            stopNodes();
        });
    }

    /** Shortens a stop under way. */
    public void hurry() {
        nodes.forEach(SupervisedNode::hurry);
        parts.hurry();
    }

    /** Empty before the start. */
    public List<NodePlan> nodes() {
        return plans;
    }

    /** What the embedded stores answered to questions about their settings. */
    public Map<String, String> facts() {
        return stores.map(NodeStores::facts).orElse(Map.of());
    }

    private Future<Void> assemble() {
        DataDirectory directory = DataDirectory.lock(config.node().dataDirectory());
        parts.add("data directory", CLOSE_PATIENCE, () -> closed(directory));
        plans = NodePlan.of(config, share.nodes(), directory.path(), () -> FreePort.find(random));
        announce(directory, "starting");
        checkConnections();
        plans.forEach(plan -> Leftovers.awaitEnd(plan.dataDirectory()));
        plans.forEach(new Ports(config)::check);
        NodeStores starting = new NodeStores(config, directory.path());
        stores = Optional.of(starting);
        parts.add("embedded stores", STORES_PATIENCE, starting::stop);
        return starting.start().compose(this::startNodes).onSuccess(ready -> announce(directory, "ready"));
    }

    private void announce(DataDirectory directory, String state) {
        try {
            directory.announce(plans.getFirst().id() + " to " + plans.getLast().id(), state);
        } catch (IOException e) {
            throw new NodeException("The data directory " + directory.path() + " cannot be written: " + e, e);
        }
    }

    private static Future<Void> closed(DataDirectory directory) {
        try {
            directory.close();
            return Future.succeededFuture();
        } catch (IOException e) {
            return Future.failedFuture(e);
        }
    }

    private void checkConnections() {
        int wanted = share.nodes() * (config.postgres().poolSize() + MEMBERSHIP_CONNECTIONS);
        if (config.postgres().url().isEmpty() && wanted > MOST_CONNECTIONS) {
            throw new NodeException(
                    "%d nodes with postgres.pool-size %d want %d connections; of the embedded PostgreSQL they get %d. Set a smaller one, or postgres.url to an outside server."
                            .formatted(share.nodes(), config.postgres().poolSize(), wanted, MOST_CONNECTIONS));
        }
    }

    private Future<Void> startNodes(NodeStores.Addresses addresses) {
        boolean json = config.log().format() == LogConfig.LogFormat.JSON;
        int width = plans.stream().mapToInt(plan -> plan.id().length()).max().orElse(0);
        for (NodePlan plan : plans) {
            String prefix = json ? "" : plan.id() + " ".repeat(width - plan.id().length()) + " | ";
            nodes.add(new SupervisedNode(
                    plan.id(),
                    NodeCommand.of(plan, config, file, given, addresses, share),
                    new NodeOutput(prefix, log),
                    random));
        }
        parts.add("nodes", nodePatience().plus(CLOSE_PATIENCE), this::stopNodes);
        Future<Void> ready =
                Future.all(nodes.stream().map(SupervisedNode::start).toList()).mapEmpty();
        if (lifecycle.isStopRequested()) {
            stopNodes();
        }
        return ready;
    }

    private Duration nodePatience() {
        return config.node().drainTimeout().plus(NODE_PATIENCE);
    }

    private Future<Void> stopNodes() {
        return Future.join(nodes.stream().map(node -> node.stop(nodePatience())).toList())
                .mapEmpty();
    }
}
