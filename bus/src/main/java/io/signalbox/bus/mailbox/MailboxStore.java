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

    /**
     * Completes once the message is as safe as asked for. Appends to one mailbox are done in the order in which they were
     * asked for.
     */
    Future<Appended> append(Append append);

    /**
     * The next entries after those positions: urgent ones first, then normal, then bulk ones. Notes that they are handed
     * out, before it completes: whoever claims them again sees it in their attempts.
     */
    Future<Claimed> claim(String agent, Cursor after, int maxEntries, long maxBytes);

    /** The entries at these positions, as far as they are there, to be handed out once more. */
    Future<List<Entry>> claimAgain(String agent, List<Position> positions);

    /** Done with them. Positions that are not there do not matter. */
    Future<Void> delete(String agent, List<Position> positions);

    /** What waits. */
    Future<Pending> pending(String agent);

    /**
     * The mailboxes to which something was appended since then and is still there, of all agents.
     *
     * @param since {@link Since#BEGINNING} for all that have something
     */
    Future<Changed> changedSince(Since since);

    /**
     * A message for a mailbox.
     *
     * @param id of the message; for {@code again}
     * @param message as encoded
     * @param live a copy is handed to the agent as soon as this is safe, so the entry counts as handed out once
     * @param again the outcome of an earlier append of the message is unknown: when it still waits, nothing is appended and
     *     its position is given; else it is appended as one that may have been handed out before
     * @param replicas how many besides the primary must have it
     */
    record Append(String agent, Lane lane, UUID id, byte[] message, boolean live, boolean again, int replicas) {}

    /**
     * @param position of the entry in its lane
     * @param predecessor position of what was appended before it in its lane and still waits, or {@link #BEGINNING}
     * @param attempt 1: it was never handed out before; more: it may have been
     * @param repeated nothing was appended, it was there
     */
    record Appended(long position, long predecessor, int attempt, boolean repeated) {}

    /** Grows within a lane, not always by one; never goes back, even when the mailbox was empty meanwhile. */
    record Position(Lane lane, long position) {}

    /** The last position of each lane that the reader has. */
    record Cursor(long urgent, long normal, long bulk) {
        public static final Cursor START = new Cursor(BEGINNING, BEGINNING, BEGINNING);
    }

    /** @param attempt how often it was handed out, this time included; more than 1: the agent may have it already */
    record Entry(Position position, byte[] message, int attempt) {}

    /** @param more there is more after these */
    record Claimed(List<Entry> entries, boolean more) {}

    /** @param oldest when the oldest was appended, by the store's clock; of no meaning without messages */
    record Pending(int messages, long bytes, Instant oldest) {}

    /** @param newest the last positions in the lanes of each agent's mailbox; {@link #BEGINNING}: the lane is empty */
    record Changed(Map<String, Cursor> newest, Since until) {}

    /** A moment in the life of the store, of meaning to it alone. */
    record Since(List<Long> positions) {
        public static final Since BEGINNING = new Since(List.of());

        long of(int shard) {
            return positions.isEmpty() ? MailboxStore.BEGINNING : positions.get(shard);
        }
    }
}
