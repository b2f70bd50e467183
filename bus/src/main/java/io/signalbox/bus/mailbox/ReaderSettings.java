package io.signalbox.bus.mailbox;

import java.time.Duration;

/**
 * How mailboxes are read; the same for all agents. Immutable.
 *
 * @param redeliverAfter so long after it was handed out an unacknowledged message is handed out again
 * @param maxAttempts so often a message is handed out before it is dead, 1 or more
 * @param firstRetry before what failed at the store is tried again; doubled each time, up to {@code lastRetry}
 */
public record ReaderSettings(Duration redeliverAfter, int maxAttempts, Duration firstRetry, Duration lastRetry) {}
