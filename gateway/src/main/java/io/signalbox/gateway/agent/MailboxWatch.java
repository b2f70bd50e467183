package io.signalbox.gateway.agent;

import io.signalbox.bus.mailbox.MailboxReader;
import io.signalbox.bus.mailbox.MailboxStore;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** The mailboxes of an event loop's agents: what all of them need, and what time brings. Confined to the event loop. */
final class MailboxWatch {
    private static final Duration TICK = Duration.ofSeconds(1);

    private final MailboxParts parts;
    private final long maxUnacknowledgedBytes;
    private final Set<Attachment> fed = new LinkedHashSet<>();
    private Instant nextTick = Instant.MIN;

    /** @param maxUnacknowledgedBytes that one agent has at once */
    MailboxWatch(MailboxParts parts, long maxUnacknowledgedBytes) {
        this.parts = parts;
        this.maxUnacknowledgedBytes = maxUnacknowledgedBytes;
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

    /** @param wanted deliveries that an agent wants to have unacknowledged; empty: as many as the node lets */
    MailboxReader.Limits limits(OptionalInt wanted) {
        int most = parts.config().maxUnacknowledged();
        int allowed =
                wanted.isPresent() && Integer.compareUnsigned(wanted.getAsInt(), most) < 0 ? wanted.getAsInt() : most;
        return new MailboxReader.Limits(
                allowed,
                maxUnacknowledgedBytes,
                parts.config().redeliverAfter(),
                parts.config().maxAttempts());
    }
}
