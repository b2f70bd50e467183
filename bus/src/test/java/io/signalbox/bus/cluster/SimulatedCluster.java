package io.signalbox.bus.cluster;

import io.signalbox.bus.cluster.ClusterCore.Effect;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.bus.simulation.SimulatedNetwork;
import io.signalbox.bus.simulation.Simulation;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Nodes that are cores alone, over a simulated network, with what each of them knows, sent and got. */
final class SimulatedCluster {
    private static final Duration TICK = Duration.ofMillis(250);
    private static final LinkLimits LIMITS = new LinkLimits(8_000, 2_000, 600);

    /** The messages of one pair of incarnations, in one direction. */
    record Stream(String from, long fromIncarnation, String to, long toIncarnation) {}

    /** What became of them. */
    static final class Counts {
        int accepted;
        int dropped;
        int delivered;
        long lost;
        int last;
    }

    final class Node {
        final String name;
        final long incarnation;
        final ClusterCore core;
        final Map<String, PatternInterest> interest = new TreeMap<>();
        final Map<String, Map<String, PatternInterest>> routes = new HashMap<>();
        final Set<String> connected = new HashSet<>();
        final Map<String, Long> up = new HashMap<>();
        boolean alive = true;

        Node(String name, long incarnation) {
            this.name = name;
            this.incarnation = incarnation;
            this.core = new ClusterCore(incarnation, LIMITS, SimulatedCluster::isShared);
            network.join(name, this::receive);
            simulation.every(TICK, () -> alive, () -> perform(core.tick(simulation.now())));
        }

        private void receive(String from, byte[] frame) {
            try {
                perform(core.received(from, ByteBuffer.wrap(frame), simulation.now()));
            } catch (CodecException e) {
                throw new IllegalStateException(e);
            }
        }

        void set(String pattern, PatternInterest now) {
            if (now.isEmpty()) {
                interest.remove(pattern);
            } else if (isShared(pattern)) {
                interest.put(pattern, now);
            }
            core.interestChanged(pattern, now);
        }

        void flushInterest() {
            perform(core.flushInterest());
        }

        void connect(String peer) {
            if (connected.add(peer)) {
                perform(core.connected(peer, simulation.now()));
            }
        }

        void disconnect(String peer) {
            if (connected.remove(peer)) {
                perform(core.disconnected(peer, simulation.now()));
            }
        }

        /** @return whether it was taken */
        boolean offer(String peer, int number) {
            EncodedMessage message = EncodedMessage.of(Message.newBuilder()
                    .setAddress("numbers")
                    .setType(Integer.toString(number))
                    .build());
            boolean accepted = core.offer(peer, new Parcel(message, Target.PLAIN));
            if (accepted) {
                stream(name, peer).accepted++;
            }
            if (core.waitingBytes(peer) > LIMITS.maxWaiting()) {
                throw new AssertionError("more waits than may: " + core.waitingBytes(peer));
            }
            perform(core.takeEffects());
            sendBatches(peer);
            return accepted;
        }

        private void sendBatches(String peer) {
            for (Optional<byte[]> frame = core.nextBatch(peer); frame.isPresent(); frame = core.nextBatch(peer)) {
                send(peer, frame.get());
            }
        }

        private void send(String peer, byte[] frame) {
            if (connected.contains(peer)) {
                network.send(name, peer, frame);
            }
        }

        private Counts stream(String from, String to) {
            return from.equals(name)
                    ? counts(new Stream(name, incarnation, to, up.getOrDefault(to, 0L)))
                    : counts(new Stream(from, up.getOrDefault(from, 0L), name, incarnation));
        }

        private void perform(List<Effect> effects) {
            for (Effect effect : effects) {
                switch (effect) {
                    case Effect.Send(String peer, byte[] frame) -> send(peer, frame);
                    case Effect.Deliver(String peer, List<Parcel> parcels) ->
                        parcels.forEach(parcel -> deliver(peer, parcel));
                    case Effect.InterestChanged(String peer, String pattern, PatternInterest now) ->
                        route(peer, pattern, now);
                    case Effect.Up(String peer, long as) -> up.put(peer, as);
                    case Effect.Down(String peer, PeerTable.Reason ignored) -> down(peer);
                    case Effect.Lost(String peer, long messages) -> stream(peer, name).lost += messages;
                    case Effect.Dropped(String peer, Lane ignored) -> stream(name, peer).dropped++;
                    case Effect.Refused ignored -> refused++;
                    case Effect.Diverged ignored -> diverged++;
                }
            }
            up.keySet().forEach(this::sendBatches);
        }

        private void deliver(String peer, Parcel parcel) {
            Counts counts = stream(peer, name);
            int number = Integer.parseInt(parcel.message().decode().getType());
            if (number <= counts.last) {
                throw new AssertionError(number + " after " + counts.last + " from " + peer + " at " + name);
            }
            counts.last = number;
            counts.delivered++;
        }

        private void route(String peer, String pattern, PatternInterest now) {
            if (!up.containsKey(peer) && !now.isEmpty()) {
                throw new AssertionError(name + " routes " + pattern + " to " + peer + ", which is not up");
            }
            Map<String, PatternInterest> known = routes.computeIfAbsent(peer, ignored -> new TreeMap<>());
            PatternInterest before = now.isEmpty() ? known.remove(pattern) : known.put(pattern, now);
            if (now.equals(before == null ? PatternInterest.NONE : before)) {
                throw new AssertionError("no change of " + pattern + ": " + now);
            }
        }

        private void down(String peer) {
            if (!routes.getOrDefault(peer, Map.of()).isEmpty()) {
                throw new AssertionError(name + " still routes to " + peer + ", which is down");
            }
            up.remove(peer);
        }
    }

    final Simulation simulation;
    final SimulatedNetwork<byte[]> network;
    final Map<String, Node> nodes = new TreeMap<>();
    final Map<Stream, Counts> streams = new HashMap<>();
    long refused;
    long diverged;
    private long incarnations;

    SimulatedCluster(long seed, List<String> names) {
        this.simulation = new Simulation(seed);
        this.network = new SimulatedNetwork<>(simulation);
        names.forEach(name -> nodes.put(name, new Node(name, ++incarnations)));
    }

    private static boolean isShared(String pattern) {
        return !pattern.startsWith("$own/");
    }

    Counts counts(Stream stream) {
        return streams.computeIfAbsent(stream, ignored -> new Counts());
    }

    Node node(String name) {
        return nodes.get(name);
    }

    void connectAll() {
        for (Node node : nodes.values()) {
            peersOf(node.name).forEach(node::connect);
        }
    }

    List<String> peersOf(String name) {
        List<String> peers = new ArrayList<>(nodes.keySet());
        peers.remove(name);
        return peers;
    }

    /** @param noticed whether the connections of the others break; else they hear nothing any more, as of a lost host */
    void kill(String name, boolean noticed) {
        node(name).alive = false;
        network.leave(name);
        if (noticed) {
            peersOf(name).forEach(peer -> node(peer).disconnect(name));
        }
    }

    void restart(String name) {
        nodes.put(name, new Node(name, ++incarnations));
        peersOf(name).stream().map(this::node).filter(peer -> peer.alive).forEach(peer -> {
            peer.disconnect(name);
            peer.connect(name);
            node(name).connect(peer.name);
        });
    }

    /** Whether each node that lives knows of each other exactly what is so. */
    boolean isInAgreement() {
        return nodes.values().stream()
                .filter(node -> node.alive)
                .allMatch(node -> peersOf(node.name).stream().allMatch(peer -> knows(node, node(peer))));
    }

    private static boolean knows(Node node, Node peer) {
        Map<String, PatternInterest> truth = peer.alive ? peer.interest : Map.of();
        return truth.equals(node.routes.getOrDefault(peer.name, Map.of())) && node.core.isUp(peer.name) == peer.alive;
    }
}
