package io.signalbox.gateway.agent;

import com.google.protobuf.ByteString;
import io.signalbox.bus.mailbox.MailboxReader;
import io.signalbox.bus.mailbox.MailboxReader.Copy;
import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Entry;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.bus.mailbox.ReaderEffect;
import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.CodecException;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameWriter;
import io.signalbox.codecs.MailboxPlace;
import io.signalbox.codecs.internal.DeadMessage;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.PutDeadLetters;
import io.signalbox.codecs.proto.Ack;
import io.signalbox.codecs.proto.Reject;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings an agent what waits in its mailbox, as a {@link MailboxReader} says, and performs what that decides. Confined to the
 * session's event loop, where the store's answers come, too.
 */
final class MailboxFeed {
    private static final Logger log = LoggerFactory.getLogger(MailboxFeed.class);
    private static final String DEAD_LETTERS = "$sys/dead-letters";

    private final Attachment attachment;
    private final AgentEndpoint endpoint;
    private final MailboxWatch watch;
    private final MailboxReader reader;

    /** What the store did not do when it was asked to; asked again at each tick. */
    private List<Position> undeleted = new ArrayList<>(0);

    private List<ReaderEffect.DeadLetter> unburied = new ArrayList<>(0);
    private boolean closed;

    /** @param reader of nothing so far */
    MailboxFeed(Attachment attachment, MailboxReader reader) {
        this.attachment = attachment;
        this.endpoint = attachment.session().endpoint();
        this.watch = endpoint.mailboxWatch();
        this.reader = reader;
    }

    /** The agent has a connection, its first or another one. What was delivered on an earlier one may not have arrived. */
    void begin() {
        perform(reader.attached(endpoint.now()));
    }

    /** The agent's connection is lost. */
    void pause() {
        reader.detached();
    }

    void liveCopy(EncodedMessage message) {
        MailboxPlace place = message.mailboxPlace();
        Position position = new Position(Lane.of(message.priority()), place.position());
        Copy copy = new Copy(position, place.attempt(), message);
        perform(reader.live(copy, place.history(), place.predecessor(), endpoint.now()));
    }

    /** @param newest the last positions of the mailbox's lanes */
    void look(Cursor newest) {
        perform(reader.poked(newest, endpoint.now()));
    }

    void acknowledged(Ack ack) {
        perform(reader.acked(ack.getUpTo(), ack.getNumbersList(), endpoint.now()));
    }

    void rejected(Reject reject) {
        perform(reader.rejected(reject.getNumber(), reject.getReason(), endpoint.now()));
    }

    void tick() {
        if (!undeleted.isEmpty()) {
            List<Position> again = undeleted;
            undeleted = new ArrayList<>(0);
            delete(again);
        }
        if (!unburied.isEmpty()) {
            List<ReaderEffect.DeadLetter> again = unburied;
            unburied = new ArrayList<>(0);
            again.forEach(this::bury);
        }
        if (!reader.wakeAt().isAfter(endpoint.now())) {
            perform(reader.tick(endpoint.now()));
        }
    }

    void close() {
        closed = true;
    }

    /** Whether a new one, with a reader of what was appended after {@link #completeUpTo}, would do as well. */
    boolean isUnused() {
        return reader.isUnused() && undeleted.isEmpty() && unburied.isEmpty();
    }

    Cursor completeUpTo() {
        return reader.completeUpTo();
    }

    private void perform(List<ReaderEffect> effects) {
        for (ReaderEffect effect : effects) {
            if (closed) {
                return;
            }
            switch (effect) {
                case ReaderEffect.Hand hand -> hand(hand);
                case ReaderEffect.Claim claim -> claim(claim);
                case ReaderEffect.ClaimAgain again -> claimAgain(again);
                case ReaderEffect.Delete delete -> delete(delete.positions());
                case ReaderEffect.DeadLetter dead -> bury(dead);
            }
        }
    }

    /** What finds no room on the connection counts as handed out all the same, and comes again after a while. */
    private void hand(ReaderEffect.Hand hand) {
        byte[] delivery = FrameWriter.delivery(
                hand.number(), hand.attempt(), hand.message().bytes());
        attachment.session().deliver(attachment.handle(), EntryKind.DELIVERY, delivery);
    }

    private void claim(ReaderEffect.Claim claim) {
        watch.store()
                .claim(attachment.agent(), claim.after(), claim.maxEntries(), watch.maxClaimedBytes())
                .onSuccess(claimed -> {
                    if (!closed) {
                        perform(reader.claimed(claim.claim(), claimed, copies(claimed.entries()), endpoint.now()));
                        attachment.giveUpUnusedFeed();
                    }
                })
                .onFailure(cause -> claimFailed(claim.claim(), cause));
    }

    private void claimAgain(ReaderEffect.ClaimAgain claim) {
        watch.store()
                .claimAgain(attachment.agent(), claim.positions())
                .onSuccess(found -> {
                    if (!closed) {
                        perform(reader.claimedAgain(claim.claim(), copies(found), endpoint.now()));
                    }
                })
                .onFailure(cause -> claimFailed(claim.claim(), cause));
    }

    private void claimFailed(long claim, Throwable cause) {
        log.debug("The mailbox of agent {} cannot be read now", attachment.agent(), cause);
        reader.claimFailed(claim, endpoint.now());
    }

    /** What does not parse stays in the mailbox and holds nothing up. */
    private static List<Copy> copies(List<Entry> entries) {
        return entries.stream()
                .flatMap(entry ->
                        read(entry).map(message -> new Copy(entry.position(), entry.attempt(), message)).stream())
                .toList();
    }

    private static Optional<EncodedMessage> read(Entry entry) {
        try {
            return Optional.of(EncodedMessage.of(entry.message()));
        } catch (CodecException e) {
            log.error("What is at {} in a mailbox is no message", entry.position(), e);
            return Optional.empty();
        }
    }

    private void delete(List<Position> positions) {
        watch.store().delete(attachment.agent(), positions).onFailure(cause -> {
            log.debug("What agent {} acknowledged cannot be deleted now", attachment.agent(), cause);
            undeleted.addAll(positions.subList(0, Math.min(positions.size(), room(undeleted))));
        });
    }

    /** What is forgotten beyond it comes once more when the agent is attached the next time. */
    private int room(List<?> kept) {
        return Math.max(0, watch.maxKept() - kept.size());
    }

    /** First among the dead letters, then out of the mailbox. */
    private void bury(ReaderEffect.DeadLetter dead) {
        List<Position> position = List.of(dead.position());
        message(dead)
                .compose(message -> message.map(there -> put(dead, there)).orElse(Future.succeededFuture()))
                .compose(done -> watch.store().delete(attachment.agent(), position))
                .onFailure(cause -> {
                    log.debug("A message of agent {} cannot be made a dead letter now", attachment.agent(), cause);
                    if (room(unburied) > 0) {
                        unburied.add(dead);
                    }
                });
    }

    /** Empty: it is not in the mailbox any more. */
    private Future<Optional<EncodedMessage>> message(ReaderEffect.DeadLetter dead) {
        if (dead.message().isPresent()) {
            return Future.succeededFuture(dead.message());
        }
        return watch.store()
                .claimAgain(attachment.agent(), List.of(dead.position()))
                .map(found -> found.stream().findFirst().flatMap(MailboxFeed::read));
    }

    private Future<Done> put(ReaderEffect.DeadLetter dead, EncodedMessage message) {
        DeadMessage letter = DeadMessage.newBuilder()
                .setAgent(attachment.agent())
                .setReasonCode(dead.reason().number())
                .setDetail(dead.detail())
                .setAttempts(dead.attempts())
                .setDiedAtMs(endpoint.now().toEpochMilli())
                .setPosition(dead.position().position())
                .setMessage(ByteString.copyFrom(message.bytes()))
                .build();
        PutDeadLetters letters = PutDeadLetters.newBuilder().addMessages(letter).build();
        return endpoint.services().call(DEAD_LETTERS, letters, Done.parser(), endpoint.requestTimeout());
    }
}
