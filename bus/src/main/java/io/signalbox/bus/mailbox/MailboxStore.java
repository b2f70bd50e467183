package io.signalbox.bus.mailbox;

import io.signalbox.bus.outbound.Lane;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Durable messages that wait for an agent: an ordered log for each agent and lane, which exists only while something
 * waits in it. Thread-safe. A failed future carries a {@code RedisFailure}, or a {@link MailboxFullException}.
 */
public interface MailboxStore {

    /** Before every position. */
    long BEGINNING = 0;

    /** The most entries of one claim. */
    int MAX_CLAIMED = 1000;

    /**
     * Completes once the message is as safe as asked for. Appends to one mailbox are done in the order in which they were
     * asked for. A message whose id waits in that lane already is never appended a second time.
     */
    Future<Appended> append(Append append);

    /**
     * The next entries after those positions: urgent ones first, then normal, then bulk ones. Notes that they are handed
     * out, before it completes: whoever claims them again sees it in their attempts.
     *
     * @param maxEntries 1 to {@value #MAX_CLAIMED}
     * @param maxBytes of all messages together; one entry is claimed however large it is
     */
    Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes);

    /** The entries at these positions, as far as they are there and in that order, to be handed out once more. */
    Future<List<Entry>> claimAgain(String agent, List<Position> positions);

    /** Done with them. Positions that are not there do not matter. */
    Future<Void> delete(String agent, List<Position> positions);

    /** What waits. */
    Future<Pending> pending(String agent);

    /**
     * Mailboxes to which something was appended since then and in which something waits, of all agents. What cannot be
     * asked now is left out, and told by a later call that is given {@code until}; fails when nothing can be asked.
     *
     * @param since {@link Mark#START} for all mailboxes in which something waits
     */
    Future<Changed> changedSince(Mark since);

    /**
     * A message for a mailbox.
     *
     * @param message as encoded
     * @param live a copy is handed to the agent as soon as this is safe, so the entry counts as handed out once
     * @param again the outcome of an earlier append of the message is unknown: when it does not wait any more, it is
     *     appended as one that may have been handed out before
     * @param replicas how many besides the primary must have it
     */
    record Append(String agent, Lane lane, UUID id, byte[] message, boolean live, boolean again, int replicas) {}

    /**
     * @param predecessor position of what waits next before it in its lane, or {@link #BEGINNING}
     * @param attempt of the live copy, or without one of whoever claims it first. 1: it was never handed out before; more:
     *     it may have been
     * @param repeated nothing was appended, it was there
     * @param history of the position, as {@link Cursor} has it
     */
    record Appended(long position, long predecessor, int attempt, boolean repeated, long history) {}

    /**
     * Grows within a mailbox, not always by one; never goes back, even when the mailbox was empty meanwhile. Microseconds
     * since 1970 when it was appended, by the store's clock, or a little more.
     */
    record Position(Lane lane, long position) {}

    /**
     * A position in each lane.
     *
     * @param history what one run of the store's server has seen: positions of two histories say nothing of each other. Of a
     *     mailbox, not of the store. 0: none
     */
    record Cursor(long history, long urgent, long normal, long bulk) {
        public static final Cursor START = beginningOf(0);

        public static Cursor beginningOf(long history) {
            return new Cursor(history, BEGINNING, BEGINNING, BEGINNING);
        }

        /** @throws IllegalArgumentException for a lane in which no messages are */
        public long in(Lane lane) {
            return switch (lane) {
                case URGENT -> urgent;
                case NORMAL -> normal;
                case BULK -> bulk;
                case CONTROL -> throw new IllegalArgumentException("no messages are in lane " + lane);
            };
        }

        /** The same, but for one lane. */
        public Cursor with(Position position) {
            return switch (position.lane()) {
                case URGENT -> new Cursor(history, position.position(), normal, bulk);
                case NORMAL -> new Cursor(history, urgent, position.position(), bulk);
                case BULK -> new Cursor(history, urgent, normal, position.position());
                case CONTROL -> throw new IllegalArgumentException("no messages are in lane CONTROL");
            };
        }
    }

    /** @param attempt how often it was handed out, this time included; more than 1: the agent may have it already */
    record Entry(Position position, byte[] message, int attempt) {}

    /**
     * @param entries by lane, then by position
     * @param more there is more after these
     * @param upTo the last position that any mailbox of the store may have had then: without {@code more} nothing that was
     *     appended up to it waits besides these and what is before the cursor
     * @param history of which these are. When it is not that of the cursor, these are from the beginning
     */
    record Claimed(List<Entry> entries, boolean more, long upTo, long history) {}

    /** @param oldest when the oldest was appended, by the store's clock; 1970 without messages */
    record Pending(int messages, long bytes, Instant oldest) {}

    /** Where a sweep ended. Made by the store, and to be given to it alone. */
    record Mark(List<Long> positions) {
        public static final Mark START = new Mark(List.of());

        public Mark {
            positions = List.copyOf(positions);
        }
    }

    /**
     * @param newest by agent the position of the last that waits in each lane, or {@link #BEGINNING}
     * @param until what to ask for the next time
     */
    record Changed(Map<String, Cursor> newest, Mark until) {}
}
