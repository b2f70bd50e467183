package io.signalbox.bus.cluster;

import io.signalbox.bus.cluster.MessageFrames.Status;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * All that a node decides about its peers: who is there, who has interest in what, what goes to whom and when. Frames come
 * and go as bytes. Single writer, not thread-safe; knows no clock and no network.
 */
final class ClusterCore {

    sealed interface Effect {
        String peer();

        record Send(String peer, byte[] frame) implements Effect {}

        /** Messages of the peer, for this node's subscribers alone. */
        record Deliver(String peer, List<Parcel> parcels) implements Effect {}

        record InterestChanged(String peer, String pattern, PatternInterest now) implements Effect {}

        record Up(String peer, long incarnation) implements Effect {}

        record Down(String peer, PeerTable.Reason reason) implements Effect {}

        /** So many messages of the peer were lost on their way. */
        record Lost(String peer, long messages) implements Effect {}

        /** A message that was to go to the peer does not: at the bound, or as the peer is gone. */
        record Dropped(String peer, Lane lane) implements Effect {}

        /** A frame does not count: late, of another incarnation, or for another one of this node. */
        record Refused(String peer) implements Effect {}

        /** Interest in the peer was wrong, and nothing had shown it until now. It is being repaired. */
        record Diverged(String peer) implements Effect {}
    }

    /** Counts begin anew with each pair of incarnations, not when a connection comes back. */
    private record Link(long incarnation, LinkFlow flow) {}

    private final LinkLimits limits;
    private final PeerTable table;
    private final InterestExchange interest;
    private final Map<String, Link> links = new HashMap<>();
    private final MessageFrames messageFrames = new MessageFrames();
    private List<Effect> effects = new ArrayList<>();

    /**
     * @param incarnation of this node, positive; greater than any that it had before
     * @param isShared whether a pattern concerns other nodes
     */
    ClusterCore(long incarnation, LinkLimits limits, Predicate<String> isShared) {
        this.limits = limits;
        this.table = new PeerTable(incarnation);
        this.interest = new InterestExchange(isShared);
    }

    /** This node is a new incarnation: for its peers as if it had restarted. */
    List<Effect> rejoin(long incarnation, Instant now) {
        perform(table.rejoin(incarnation), now);
        links.clear();
        return takeEffects();
    }

    /** There is a path to the peer. */
    List<Effect> connected(String peer, Instant now) {
        perform(table.connected(peer), now);
        return takeEffects();
    }

    List<Effect> disconnected(String peer, Instant now) {
        perform(table.disconnected(peer), now);
        return takeEffects();
    }

    /** To be called a few times a second. */
    List<Effect> tick(Instant now) {
        perform(table.tick(now), now);
        interestEffects(interest.tick(now));
        return takeEffects();
    }

    private void perform(List<PeerTable.Effect> found, Instant now) {
        for (PeerTable.Effect each : found) {
            switch (each) {
                case PeerTable.Effect.Greet(String peer, long receiver) -> greet(peer, receiver);
                case PeerTable.Effect.Up(String peer, long incarnation) -> up(peer, incarnation, now);
                case PeerTable.Effect.Down(String peer, PeerTable.Reason reason) -> down(peer, reason);
            }
        }
    }

    /** With what was sent so far: so both ends learn of losses, and of credit whose telling was lost. */
    private void greet(String peer, long receiver) {
        byte[] frame =
                FrameHeader.frame(FrameKind.GREETING, table.own(), receiver, 0).array();
        effects.add(new Effect.Send(peer, frame));
        Link link = links.get(peer);
        if (table.isUp(peer) && link != null && link.incarnation() == table.incarnation(peer)) {
            sendStatus(peer, link.flow());
        }
    }

    private void up(String peer, long incarnation, Instant now) {
        effects.add(new Effect.Up(peer, incarnation));
        Link before = links.get(peer);
        if (before == null || before.incarnation() != incarnation) {
            links.put(
                    peer,
                    new Link(
                            incarnation,
                            new LinkFlow(limits, parcel -> effects.add(new Effect.Dropped(peer, parcel.lane())))));
        }
        sendStatus(peer, flow(peer));
        interestEffects(interest.peerUp(peer, now));
    }

    private void down(String peer, PeerTable.Reason reason) {
        flow(peer).clear();
        interestEffects(interest.peerDown(peer));
        effects.add(new Effect.Down(peer, reason));
    }

    private LinkFlow flow(String peer) {
        return links.get(peer).flow();
    }

    private void sendStatus(String peer, LinkFlow flow) {
        effects.add(new Effect.Send(
                peer, MessageFrames.encode(flow.position(), flow.grant(), table.own(), table.incarnation(peer))));
    }

    private void interestEffects(List<InterestExchange.Effect> found) {
        for (InterestExchange.Effect each : found) {
            switch (each) {
                case InterestExchange.Effect.Send(List<String> peers, InterestFrame frame) ->
                    peers.forEach(peer -> effects.add(
                            new Effect.Send(peer, InterestFrames.encode(frame, table.own(), table.incarnation(peer)))));
                case InterestExchange.Effect.InterestChanged(String peer, String pattern, PatternInterest now) ->
                    effects.add(new Effect.InterestChanged(peer, pattern, now));
                case InterestExchange.Effect.Diverged(String peer) -> effects.add(new Effect.Diverged(peer));
            }
        }
    }

    /** This node has now this interest under the pattern; its peers are told at the next {@link #flushInterest}. */
    void interestChanged(String pattern, PatternInterest now) {
        interest.changed(pattern, now);
    }

    List<Effect> flushInterest() {
        interestEffects(interest.flush());
        return takeEffects();
    }

    /**
     * @param frame in an array; not used after the call
     * @throws CodecException when it is none: the peer is broken, or of another version
     */
    List<Effect> received(String peer, ByteBuffer frame, Instant now) throws CodecException {
        FrameHeader header = FrameHeader.read(frame);
        Optional<FrameKind> kind = FrameKind.of(header.kind());
        if (kind.isPresent() && kind.get() == FrameKind.GREETING) {
            perform(table.greeted(peer, header.from(), header.to(), now), now);
        } else if (!table.accepts(peer, header.from(), header.to(), now)) {
            effects.add(new Effect.Refused(peer));
        } else if (kind.isPresent()) {
            content(peer, kind.get(), frame, now);
        }
        return takeEffects();
    }

    private void content(String peer, FrameKind kind, ByteBuffer body, Instant now) throws CodecException {
        switch (kind) {
            case MESSAGES -> messages(peer, body);
            case STATUS -> status(peer, MessageFrames.status(body));
            case INTEREST_DELTA, INTEREST_ASK, INTEREST_SNAPSHOT, INTEREST_PROBE ->
                interestEffects(interest.received(peer, InterestFrames.decode(kind, body), now));
            case GREETING -> throw new CodecException(Code.MALFORMED, "a greeting in the wrong place");
        }
    }

    private void messages(String peer, ByteBuffer body) throws CodecException {
        LinkFlow flow = flow(peer);
        Status status = MessageFrames.status(body);
        status(peer, status);
        int bytes = body.remaining() - MessageFrames.COUNT;
        List<Parcel> parcels = messageFrames.parcels(body);
        if (!flow.received(status.position(), parcels.size(), bytes)) {
            effects.add(new Effect.Refused(peer));
            return;
        }
        effects.add(new Effect.Deliver(peer, parcels));
        if (flow.owesGrant()) {
            sendStatus(peer, flow);
        }
    }

    private void status(String peer, Status status) {
        LinkFlow flow = flow(peer);
        flow.granted(status.grant());
        long lost = flow.lostUntil(status.position());
        if (lost > 0) {
            effects.add(new Effect.Lost(peer, lost));
        }
    }

    /**
     * Queues a message for a peer. What is dropped for it is told by {@link #takeEffects}.
     *
     * @return false: it is not up, or there is no room
     */
    boolean offer(String peer, Parcel parcel) {
        return table.isUp(peer) && flow(peer).offer(parcel);
    }

    /** The next frame with messages for the peer, as far as it allows. */
    Optional<byte[]> nextBatch(String peer) {
        if (!table.isUp(peer)) {
            return Optional.empty();
        }
        LinkFlow flow = flow(peer);
        return flow.next()
                .map(batch -> MessageFrames.encode(batch, flow.grant(), table.own(), table.incarnation(peer)));
    }

    /** How many bytes {@link #offer} would take for the peer in a lane. */
    long room(String peer, Lane lane) {
        return table.isUp(peer) ? flow(peer).room(lane) : 0;
    }

    long waitingBytes(String peer) {
        return table.isUp(peer) ? flow(peer).waitingBytes() : 0;
    }

    boolean isUp(String peer) {
        return table.isUp(peer);
    }

    InterestExchange interest() {
        return interest;
    }

    /** What other calls did not tell yet. */
    List<Effect> takeEffects() {
        List<Effect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }
}
