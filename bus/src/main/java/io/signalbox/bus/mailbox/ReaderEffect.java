package io.signalbox.bus.mailbox;

import io.signalbox.bus.mailbox.MailboxStore.Cursor;
import io.signalbox.bus.mailbox.MailboxStore.Position;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.EncodedMessage;
import java.util.List;
import java.util.Optional;

/** What a {@link MailboxReader} wants done, in that order. */
public sealed interface ReaderEffect {

    /**
     * Send it to the agent. When it cannot be sent nothing needs to be done: unacknowledged, it comes again.
     *
     * @param number of the delivery
     * @param attempt more than 1: the agent may have it already
     */
    record Hand(long number, int attempt, EncodedMessage message) implements ReaderEffect {}

    /**
     * {@link MailboxStore#claim}, then {@link MailboxReader#claimed} or {@link MailboxReader#claimFailed} with this number.
     *
     * @param maxEntries 1 or more
     */
    record Claim(long claim, Cursor after, int maxEntries) implements ReaderEffect {}

    /** {@link MailboxStore#claimAgain}, then {@link MailboxReader#claimedAgain} or {@link MailboxReader#claimFailed}. */
    record ClaimAgain(long claim, List<Position> positions) implements ReaderEffect {}

    /**
     * {@link MailboxStore#delete}. When it fails, keep the positions and try again, together with those of later ones,
     * until it succeeds or the agent is detached. The reader does not know of them any more. There are never many: while
     * the store cannot be reached nothing new is claimed, so besides one window's acknowledgements only those of live
     * copies under way come. Positions beyond a bound may be forgotten, the oldest first: these messages come once more
     * when the agent is attached the next time, as further attempts.
     */
    record Delete(List<Position> positions) implements ReaderEffect {}

    /**
     * Store the message among the dead letters, and only then delete it from the mailbox. When either fails, try again as
     * with {@link Delete}; what is forgotten is handed out when the agent is attached the next time, or dies again.
     *
     * @param attempts how often it was handed out
     * @param reason {@code ATTEMPTS_EXHAUSTED}, {@code EXPIRED} or {@code REJECTED}
     * @param detail what the agent said to it
     * @param message empty: to be read with {@link MailboxStore#claimAgain}; what is not there any more needs nothing
     */
    record DeadLetter(Position position, int attempts, Code reason, String detail, Optional<EncodedMessage> message)
            implements ReaderEffect {}
}
