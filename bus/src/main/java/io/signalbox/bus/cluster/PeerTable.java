package io.signalbox.bus.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which peers are there, each in which incarnation. A peer is <em>up</em> when a path leads to it and it said, in its present
 * incarnation, that it hears this node in its present one; so both ends agree. Single writer, not thread-safe; knows no
 * clock.
 */
final class PeerTable {
    /** Of what was not heard yet. */
    static final long UNKNOWN = 0;

    /** Between two signs of life to a peer. */
    static final Duration HEARTBEAT = Duration.ofSeconds(1);

    /** A peer that is silent for longer counts as hung. */
    static final Duration SILENCE = Duration.ofSeconds(4);

    sealed interface Effect {
        String peer();

        /** Says who we are. @param receiver the peer's incarnation, or {@link #UNKNOWN} while we do not hear it */
        record Greet(String peer, long receiver) implements Effect {}

        record Up(String peer, long incarnation) implements Effect {}

        record Down(String peer, Reason reason) implements Effect {}
    }

    enum Reason {
        /** The transport lost it: its process died, or its host is away. */
        DISCONNECTED,
        /** Nothing was heard of it for too long. */
        SILENT,
        /** Another incarnation of it has come. */
        RESTARTED,
        /** It does not hear us, or did not for a while. */
        DEAF,
        /** This node is a new incarnation. */
        REJOINED
    }

    private static final class Peer {
        boolean connected;
        boolean up;
        boolean heard;
        long incarnation = UNKNOWN;
        Instant heardAt = Instant.EPOCH;
    }

    private final Map<String, Peer> peers = new HashMap<>();
    private long own;
    private Instant nextHeartbeat = Instant.EPOCH;

    /** @param own this node's incarnation, positive */
    PeerTable(long own) {
        this.own = own;
    }

    long own() {
        return own;
    }

    /** This node is a new incarnation; its peers are to learn it. */
    List<Effect> rejoin(long incarnation) {
        if (incarnation <= own) {
            throw new IllegalArgumentException("incarnation " + incarnation + " after " + own);
        }
        own = incarnation;
        List<Effect> effects = new ArrayList<>();
        peers.forEach((name, peer) -> {
            down(name, peer, Reason.REJOINED, effects);
            greet(name, peer, effects);
        });
        return effects;
    }

    List<Effect> connected(String name) {
        Peer peer = peers.computeIfAbsent(name, ignored -> new Peer());
        peer.connected = true;
        List<Effect> effects = new ArrayList<>();
        greet(name, peer, effects);
        return effects;
    }

    List<Effect> disconnected(String name) {
        List<Effect> effects = new ArrayList<>();
        Peer peer = peers.get(name);
        if (peer != null) {
            peer.connected = false;
            peer.heard = false;
            down(name, peer, Reason.DISCONNECTED, effects);
        }
        return effects;
    }

    /** Its last incarnation stays known, so that nothing late counts. */
    private static void down(String name, Peer peer, Reason reason, List<Effect> effects) {
        if (peer.up) {
            peer.up = false;
            effects.add(new Effect.Down(name, reason));
        }
    }

    private static void greet(String name, Peer peer, List<Effect> effects) {
        if (peer.connected) {
            effects.add(new Effect.Greet(name, peer.heard ? peer.incarnation : UNKNOWN));
        }
    }

    /**
     * The peer said who it is.
     *
     * @param from its incarnation
     * @param to the one of this node that it hears, or {@link #UNKNOWN}
     */
    List<Effect> greeted(String name, long from, long to, Instant now) {
        List<Effect> effects = new ArrayList<>();
        Peer peer = peers.computeIfAbsent(name, ignored -> new Peer());
        if (from < peer.incarnation) {
            return effects;
        }
        if (from > peer.incarnation) {
            down(name, peer, Reason.RESTARTED, effects);
            peer.incarnation = from;
        }
        peer.heard = true;
        peer.heardAt = now;
        if (to != own) {
            down(name, peer, Reason.DEAF, effects);
            greet(name, peer, effects);
        } else if (!peer.up && peer.connected) {
            peer.up = true;
            effects.add(new Effect.Up(name, from));
            // Before all else that is sent because it is up: it may not know yet that we hear it.
            effects.addFirst(new Effect.Greet(name, from));
        }
        return effects;
    }

    /** @return whether something else than a greeting counts: it is of the peer's present incarnation and meant for ours */
    boolean accepts(String name, long from, long to, Instant now) {
        Peer peer = peers.get(name);
        if (peer == null || !peer.up || peer.incarnation != from || to != own) {
            return false;
        }
        peer.heardAt = now;
        return true;
    }

    /** To be called a few times a second; each peer is greeted when a heartbeat is due. */
    List<Effect> tick(Instant now) {
        List<Effect> effects = new ArrayList<>();
        boolean heartbeat = !nextHeartbeat.isAfter(now);
        if (heartbeat) {
            nextHeartbeat = now.plus(HEARTBEAT);
        }
        peers.forEach((name, peer) -> {
            if (peer.heard && peer.heardAt.plus(SILENCE).isBefore(now)) {
                peer.heard = false;
                down(name, peer, Reason.SILENT, effects);
            }
            if (heartbeat) {
                greet(name, peer, effects);
            }
        });
        return effects;
    }

    boolean isUp(String name) {
        Peer peer = peers.get(name);
        return peer != null && peer.up;
    }

    /** What to write into frames for it. */
    long incarnation(String name) {
        Peer peer = peers.get(name);
        return peer == null ? UNKNOWN : peer.incarnation;
    }
}
