package io.signalbox.bus.mailbox;

import io.signalbox.bus.mailbox.MailboxStore.Position;
import java.time.Instant;
import java.util.List;

/**
 * What was handed out and is not acknowledged.
 *
 * @param earlier numbers that it was handed out with before, in this reader's life
 * @param due when it is handed out again
 */
record Delivery(long number, List<Long> earlier, Position position, int attempt, Instant due) {}
