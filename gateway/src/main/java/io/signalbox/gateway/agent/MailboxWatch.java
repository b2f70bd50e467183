package io.signalbox.gateway.agent;

import io.signalbox.bus.mailbox.MailboxReader;
import io.signalbox.bus.mailbox.MailboxStore;
import io.signalbox.bus.mailbox.ReaderSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The mailboxes of an event loop's agents: what all of them need, and what time brings. Confined to the event loop. */
final class MailboxWatch {
    private static final Duration TICK = Duration.ofMillis(200);

    private static final int MAX_KEPT_WINDOWS = 4;
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    private final MailboxParts parts;
    private final long maxClaimedBytes;
    private final RandomGenerator random;
    private final ReaderSettings settings;
    private final Set<Attachment> fed = new LinkedHashSet<>();
    private Instant nextTick = Instant.MIN;

    /**
     * @param maxClaimedBytes of the messages that one answer of the store brings
     * @param random spreads retries
     */
    MailboxWatch(MailboxParts parts, long maxClaimedBytes, RandomGenerator random) {
        this.parts = parts;
        this.maxClaimedBytes = maxClaimedBytes;
        this.random = random;
        this.settings = new ReaderSettings(
                parts.config().redeliverAfter(), parts.config().maxAttempts(), FIRST_RETRY, LAST_RETRY);
    }

    /** The attachment's mailbox needs to be looked at as time goes by. */
    void add(Attachment attachment) {
        fed.add(attachment);
    }

    void remove(Attachment attachment) {
        fed.remove(attachment);
    }

    void tick(Instant now) {
        if (!now.isBefore(nextTick)) {
            nextTick = now.plus(TICK);
            List.copyOf(fed).forEach(Attachment::tickMailbox);
        }
    }

    MailboxStore store() {
        return parts.store();
    }

    /** In one answer of the store: it has room among what waits for the connection. */
    long maxClaimedBytes() {
        return maxClaimedBytes;
    }

    /** Of what the store did not do for one agent. */
    int maxKept() {
        return MAX_KEPT_WINDOWS * parts.config().maxUnacknowledged();
    }

    /**
     * @param wanted deliveries that the agent wants to have unacknowledged; empty: as many as the node lets
     * @param completeUpTo up to where an earlier reader found nothing
     */
    MailboxReader reader(OptionalInt wanted, MailboxStore.Cursor completeUpTo) {
        int most = parts.config().maxUnacknowledged();
        boolean less = wanted.isPresent() && Integer.compareUnsigned(wanted.getAsInt(), most) < 0;
        return new MailboxReader(settings, random, less ? wanted.getAsInt() : most, completeUpTo);
    }
}
