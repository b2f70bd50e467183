package io.signalbox.bus.cluster;

import io.signalbox.bus.cluster.InterestFrame.Ask;
import io.signalbox.bus.cluster.InterestFrame.Delta;
import io.signalbox.bus.cluster.InterestFrame.Probe;
import io.signalbox.bus.cluster.InterestFrame.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Lets every node know which patterns each of its peers has subscribers for. Changes go out as numbered deltas; a node that
 * joins, or sees a gap in the numbers, fetches a snapshot in parts; probes with a sum over all find what went wrong unseen.
 * Single writer, not thread-safe; knows no clock.
 */
final class InterestExchange {
    /** What silent divergence can last, about. */
    static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);

    sealed interface Effect {
        /** @param peers none: nothing is to be done */
        record Send(List<String> peers, InterestFrame frame) implements Effect {}

        /** From now on the peer has this interest under the pattern; empty: none. */
        record InterestChanged(String peer, String pattern, PatternInterest now) implements Effect {}

        /** A probe showed a difference that no gap had. It is repaired; a fault caused it. */
        record Diverged(String peer) implements Effect {}
    }

    private final Predicate<String> isShared;
    private final OwnInterest own = new OwnInterest();
    private final Map<String, PeerView> views = new TreeMap<>();
    private List<Effect> effects = new ArrayList<>();
    private long requests;
    private Instant nextProbe = Instant.EPOCH;

    /** @param isShared whether a pattern concerns other nodes; what does not is not told */
    InterestExchange(Predicate<String> isShared) {
        this.isShared = isShared;
    }

    /** The node itself has now this interest under the pattern. Told with the next {@link #flush}. */
    void changed(String pattern, PatternInterest now) {
        if (isShared.test(pattern)) {
            own.change(pattern, now);
        }
    }

    List<Effect> flush() {
        flushOwn();
        return takeEffects();
    }

    private void flushOwn() {
        List<InterestFrame> deltas = own.flush();
        if (!views.isEmpty()) {
            deltas.forEach(this::sendToAll);
        }
    }

    private void sendToAll(InterestFrame frame) {
        effects.add(new Effect.Send(List.copyOf(views.keySet()), frame));
    }

    /** The peer is there, new or after a {@link #peerDown}; nothing is known of it yet. */
    List<Effect> peerUp(String peer, Instant now) {
        views.put(
                peer,
                new PeerView(
                        () -> ++requests,
                        ask -> effects.add(new Effect.Send(List.of(peer), ask)),
                        change -> effects.add(new Effect.InterestChanged(peer, change.pattern(), change.now())),
                        now));
        return takeEffects();
    }

    List<Effect> peerDown(String peer) {
        PeerView view = views.remove(peer);
        if (view != null) {
            view.clear();
        }
        own.forget(peer);
        return takeEffects();
    }

    /** From a peer that is up, and of its incarnation. Of others it is ignored. */
    List<Effect> received(String peer, InterestFrame frame, Instant now) {
        PeerView view = views.get(peer);
        if (view != null) {
            switch (frame) {
                case Delta delta -> view.delta(delta, now);
                case Snapshot snapshot -> view.snapshot(snapshot, now);
                case Probe probe -> {
                    if (view.probe(probe, now)) {
                        effects.add(new Effect.Diverged(peer));
                    }
                }
                case Ask ask -> answer(peer, ask);
            }
        }
        return takeEffects();
    }

    private void answer(String peer, Ask ask) {
        flushOwn();
        own.part(peer, ask.request(), ask.part()).ifPresent(part -> {
            effects.add(new Effect.Send(List.of(peer), part));
            if (part.last()) {
                own.forget(peer);
            }
        });
    }

    /** To be called a few times a second. */
    List<Effect> tick(Instant now) {
        views.values().forEach(view -> view.tick(now));
        if (!nextProbe.isAfter(now) && !views.isEmpty()) {
            nextProbe = now.plus(PROBE_INTERVAL);
            flushOwn();
            sendToAll(own.probe());
        }
        return takeEffects();
    }

    private List<Effect> takeEffects() {
        List<Effect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }

    /** Whether what is known of the peer was whole when it was told. */
    boolean isComplete(String peer) {
        PeerView view = views.get(peer);
        return view != null && view.isComplete();
    }

    /** What is known of the peer's interest. */
    Map<String, PatternInterest> view(String peer) {
        PeerView view = views.get(peer);
        return view == null ? Map.of() : Map.copyOf(view.patterns());
    }
}
