package io.signalbox.gateway.agent;

import com.google.protobuf.ByteString;
import io.signalbox.bus.mailbox.MailboxReader;
import io.signalbox.bus.mailbox.MailboxReader.Effect;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameWriter;
import io.signalbox.codecs.internal.DeadMessage;
import io.signalbox.codecs.internal.Done;
import io.signalbox.codecs.internal.PutDeadLetters;
import io.signalbox.codecs.proto.Ack;
import io.signalbox.codecs.proto.Reject;
import io.vertx.core.Future;
import java.util.List;
import java.util.OptionalInt;
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
    private final MailboxStore store;
    private final MailboxReader reader;
    private boolean closed;

    /** @param maxUnacknowledged what the agent wants; empty: as many as the node lets */
    MailboxFeed(Attachment attachment, OptionalInt maxUnacknowledged) {
        this.attachment = attachment;
        this.endpoint = attachment.session().endpoint();
        this.store = endpoint.mailboxWatch().store();
        this.reader = new MailboxReader(endpoint.mailboxWatch().limits(maxUnacknowledged));
    }

    /** There may be something in the mailbox. */
    void look() {
        perform(reader.look(endpoint.now()));
    }

    void look(MailboxStore.Cursor newest) {
        perform(reader.look(newest, endpoint.now()));
    }

    void liveCopy(EncodedMessage message) {
        perform(reader.liveCopy(message, endpoint.now()));
    }

    void acknowledged(Ack ack) {
        perform(reader.acknowledged(ack.getUpTo(), ack.getNumbersList(), endpoint.now()));
    }

    void rejected(Reject reject) {
        perform(reader.rejected(reject.getNumber(), reject.getReason()));
    }

    void tick() {
        perform(reader.tick(endpoint.now()));
    }

    void pause() {
        reader.pause();
    }

    void resume() {
        perform(reader.resume(endpoint.now()));
    }

    void close() {
        closed = true;
    }

    /** Whether a new one would do as well. */
    boolean isUnused() {
        return reader.isUnused();
    }

    private void perform(List<Effect> effects) {
        for (Effect effect : effects) {
            if (closed) {
                return;
            }
            switch (effect) {
                case Effect.Hand hand -> hand(hand);
                case Effect.Claim claim -> claim(claim);
                case Effect.ClaimAgain again -> claimAgain(again.positions());
                case Effect.Delete delete -> delete(delete.positions());
                case Effect.Bury bury -> bury(bury);
            }
        }
    }

    /** What finds no room on the connection counts as handed out all the same, and comes again after a while. */
    private void hand(Effect.Hand hand) {
        attachment
                .session()
                .deliver(
                        attachment.handle(),
                        EntryKind.DELIVERY,
                        FrameWriter.delivery(hand.number(), hand.attempt(), hand.message()));
    }

    private void claim(Effect.Claim claim) {
        store.claim(attachment.agent(), claim.after(), claim.maxEntries(), claim.maxBytes())
                .onSuccess(claimed -> {
                    if (!closed) {
                        perform(reader.claimed(claim.id(), claimed, endpoint.now()));
                        attachment.giveUpUnusedFeed();
                    }
                })
                .onFailure(cause -> {
                    log.debug("The mailbox of agent {} cannot be read now", attachment.agent(), cause);
                    reader.claimFailed(claim.id(), endpoint.now());
                });
    }

    private void claimAgain(List<Position> positions) {
        store.claimAgain(attachment.agent(), positions)
                .onSuccess(found -> {
                    if (!closed) {
                        perform(reader.claimedAgain(positions, found, endpoint.now()));
                    }
                })
                .onFailure(cause ->
                        log.debug("What agent {} did not acknowledge cannot be read now", attachment.agent(), cause));
    }

    private void delete(List<Position> positions) {
        store.delete(attachment.agent(), positions).onFailure(cause -> {
            log.debug("What agent {} acknowledged cannot be deleted now", attachment.agent(), cause);
            reader.notDeleted(positions, endpoint.now());
        });
    }

    /** First among the dead letters, then out of the mailbox; what fails on the way is tried again. */
    private void bury(Effect.Bury bury) {
        List<Position> position = List.of(bury.position());
        store.claimAgain(attachment.agent(), position)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Done.getDefaultInstance())
                        : put(bury, found.getFirst()))
                .compose(done -> store.delete(attachment.agent(), position))
                .onSuccess(deleted -> {
                    if (!closed) {
                        perform(reader.buried(bury.position(), endpoint.now()));
                    }
                })
                .onFailure(cause ->
                        log.debug("A message of agent {} cannot be made a dead letter now", attachment.agent(), cause));
    }

    private Future<Done> put(Effect.Bury bury, MailboxStore.Entry entry) {
        DeadMessage dead = DeadMessage.newBuilder()
                .setAgent(attachment.agent())
                .setReasonCode(bury.reason().number())
                .setDetail(bury.detail())
                .setAttempts(entry.attempt() - 1)
                .setDiedAtMs(endpoint.now().toEpochMilli())
                .setPosition(entry.position().position())
                .setMessage(ByteString.copyFrom(entry.message()))
                .build();
        return endpoint.services()
                .call(
                        DEAD_LETTERS,
                        PutDeadLetters.newBuilder().addMessages(dead).build(),
                        Done.parser(),
                        endpoint.requestTimeout());
    }
}
