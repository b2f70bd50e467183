package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.RedisConfig;
import io.signalbox.config.Secret;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The primaries of a Redis Cluster. Each is supervised for itself: the loss of one stops only what is in its slots. Which
 * servers there are is asked of some nodes again and again, and at once when a server fails.
 *
 * <p>A slot that moves keeps the order of its commands: its new ones wait until the old server has answered all that it
 * got, for what it sends away has to be with the new server before them.
 */
final class ClusterPrimaries implements Primaries, Primary.Listener {
    private static final Logger log = LoggerFactory.getLogger(ClusterPrimaries.class);

    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration AFTER_TROUBLE = Duration.ofMillis(100);
    private static final int ASKED_AT_ONCE = 3;
    private static final int MAX_REDIRECTS = 5;
    private static final long MAX_WAITING_BYTES = 32 << 20;

    /** The inquiries come on top. */
    private static final int MAX_CONNECTIONS = 97;

    /** A slot whose new commands wait. */
    private record Move(ServerAddress to, List<PendingCommand> waiting) {}

    private final LinkMeans means;
    private final Secret password;
    private final List<ServerAddress> seeds;
    private final Runnable recovered;
    private final SlotMap slots = new SlotMap();
    private final Map<ServerAddress, Primary> primaries = new HashMap<>();
    private final Map<Integer, Move> moves = new HashMap<>();
    private List<ServerAddress> nodes;
    private int nextNode;
    private long waitingBytes;
    private boolean started;
    private boolean asking;
    private boolean hurried;
    private boolean silent;
    private boolean closed;
    private String trouble = "no node of the cluster has answered yet";
    private volatile List<Primary> needed = List.of();

    /** @param recovered told when a server was lost and is there again, or another took its place */
    ClusterPrimaries(LinkMeans means, RedisConfig config, Runnable recovered) {
        this.means = means;
        this.password = config.password();
        this.seeds = config.url().stream().map(ServerAddress::of).toList();
        this.nodes = seeds;
        this.recovered = recovered;
    }

    @Override
    public Future<Void> start() {
        return askNodes()
                .compose(asked -> Future.join(
                        primaries.values().stream().map(Primary::tried).toList()))
                .<Void>mapEmpty()
                .onComplete(tried -> {
                    started = true;
                    askAgainLater();
                });
    }

    private void askAgainLater() {
        means.after(INTERVAL, () -> {
            if (!closed) {
                askNodes();
                askAgainLater();
            }
        });
    }

    /** Some of them, others the next time. Never fails. */
    private Future<Void> askNodes() {
        if (asking) {
            return Future.succeededFuture();
        }
        asking = true;
        List<Future<Void>> answers = new ArrayList<>();
        for (int i = 0; i < Math.min(ASKED_AT_ONCE, nodes.size()); i++) {
            answers.add(ask(nodes.get(Math.floorMod(nextNode++, nodes.size()))));
        }
        return Future.any(answers)
                .onFailure(none -> noneAnswers())
                .<Void>mapEmpty()
                .otherwiseEmpty()
                .onComplete(first -> asking = false);
    }

    private Future<Void> ask(ServerAddress node) {
        return Inquiry.ask(means, node, password, Request.cmd(Command.CLUSTER).arg("NODES"))
                .<Void>map(answer -> {
                    if (!closed) {
                        learn(ClusterView.of(answer.toString(), node));
                    }
                    return null;
                })
                .onFailure(cause -> trouble = node + ": " + cause.getMessage());
    }

    private void noneAnswers() {
        if (!silent && !closed) {
            log.warn("None of the nodes of the Redis Cluster that were asked answers: {}", trouble);
        }
        silent = true;
        nodes = Stream.concat(nodes.stream(), seeds.stream()).distinct().toList();
    }

    private void learn(ClusterView view) {
        silent = false;
        nodes = view.nodes().stream()
                .filter(ClusterView.Node::answers)
                .map(ClusterView.Node::address)
                .toList();
        slots.compare(view).forEach(change -> move(change.slot(), change.owner()));
        settle();
    }

    /** What the old server still has under way of the slot comes first. */
    private void move(int slot, ServerAddress to) {
        Move begun = moves.get(slot);
        if (begun != null) {
            moves.put(slot, new Move(to, begun.waiting()));
            return;
        }
        boolean waits = slots.owner(slot)
                .map(primaries::get)
                .map(from -> from.afterAllUnderWay(slot, () -> finish(slot)))
                .orElse(false);
        if (waits) {
            moves.put(slot, new Move(to, new ArrayList<>()));
        } else {
            slots.assign(slot, to);
        }
    }

    private void finish(int slot) {
        Move move = moves.remove(slot);
        slots.assign(slot, move.to());
        for (PendingCommand command : move.waiting()) {
            waitingBytes -= command.bytes();
            send(command);
        }
        flush();
        if (moves.isEmpty() && !closed) {
            settle();
        }
    }

    /** Connects to those that have slots and leaves those that have none any more. */
    private void settle() {
        Set<ServerAddress> owners = slots.owners();
        moves.values().forEach(move -> owners.add(move.to()));
        owners.forEach(owner -> primaries.computeIfAbsent(owner, address -> connect(address, owners.size())));
        List<ServerAddress> left = primaries.keySet().stream()
                .filter(address -> !owners.contains(address))
                .toList();
        for (ServerAddress address : left) {
            log.info("Redis at {} has no slots any more", address);
            primaries.remove(address).close();
        }
        needed = slots.isComplete() ? List.copyOf(primaries.values()) : List.of();
    }

    private Primary connect(ServerAddress address, int count) {
        int affordable = Math.max(1, MAX_CONNECTIONS / count - 1);
        Primary primary = new Primary(
                means, Math.min(means.connections(), affordable), () -> Future.succeededFuture(address), this);
        if (started) {
            primary.takesThePlaceOfAnother();
        }
        primary.start();
        return primary;
    }

    @Override
    public void send(PendingCommand command) {
        Move move = moves.get(command.slot());
        if (move == null) {
            owner(command).ifPresent(primary -> primary.send(command));
        } else if (waitingBytes + command.bytes() <= MAX_WAITING_BYTES) {
            waitingBytes += command.bytes();
            move.waiting().add(command);
        } else {
            command.fail(Reason.NOT_SENT, "too many commands wait for slots that move to another server");
        }
    }

    private Optional<Primary> owner(PendingCommand command) {
        Optional<Primary> owner = slots.owner(command.slot()).map(primaries::get);
        if (owner.isEmpty()) {
            command.fail(
                    Reason.NOT_SENT, "no server of the cluster is known for slot " + command.slot() + ": " + trouble);
        }
        return owner;
    }

    @Override
    public void redirected(PendingCommand command, ErrorReply reply) {
        if (command.redirected() > MAX_REDIRECTS) {
            command.fail(Reason.NOT_SENT, "it was sent on too often");
            return;
        }
        switch (reply) {
            case ErrorReply.Moved(int slot, ServerAddress to) -> {
                if (!moves.containsKey(slot) && !slots.owner(slot).equals(Optional.of(to))) {
                    move(slot, to);
                }
                sendOn(command, to, false);
                hurry();
            }
            case ErrorReply.Ask(ServerAddress to) -> sendOn(command, to, true);
            case ErrorReply.Refused(), ErrorReply.NotNow(), ErrorReply.Demoted() ->
                throw new IllegalArgumentException("no redirection: " + reply);
        }
    }

    private void sendOn(PendingCommand command, ServerAddress to, boolean asking) {
        Primary primary = primaries.get(to);
        if (primary == null) {
            command.fail(Reason.NOT_SENT, "the slot has moved to " + to + ", which is not connected yet");
            hurry();
        } else {
            if (asking) {
                primary.sendAsking(command);
            } else {
                primary.send(command);
            }
            primary.flush();
        }
    }

    @Override
    public void troubled() {
        hurry();
    }

    /** Asks soon, once for all that happens meanwhile. */
    private void hurry() {
        if (!hurried && !closed) {
            hurried = true;
            means.after(AFTER_TROUBLE, () -> {
                hurried = false;
                if (!closed) {
                    askNodes();
                }
            });
        }
    }

    @Override
    public void recovered() {
        recovered.run();
    }

    @Override
    public void flush() {
        all().forEach(Primary::flush);
    }

    @Override
    public void tick() {
        all().forEach(Primary::tick);
    }

    /** A copy: what they do may change which there are. */
    private Collection<Primary> all() {
        return List.copyOf(primaries.values());
    }

    @Override
    public boolean isUp() {
        List<Primary> all = needed;
        return !all.isEmpty() && all.stream().allMatch(Primary::isUp);
    }

    /** What waits for a slot fails with the connection that it waits for. */
    @Override
    public void close() {
        closed = true;
        all().forEach(Primary::close);
    }
}
