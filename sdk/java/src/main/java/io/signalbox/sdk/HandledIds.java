package io.signalbox.sdk;

import java.util.LinkedHashSet;
import java.util.UUID;

/**
 * Durable messages that were handled last. An acknowledgement that is lost with its connection brings its message once more, to
 * this node or another; it is then acknowledged, and not handled, again. Bounded: the oldest are forgotten. Not thread-safe.
 */
final class HandledIds {
    static final int MOST = 4 * Inbox.MAX_UNACKNOWLEDGED;

    private final LinkedHashSet<UUID> ids = new LinkedHashSet<>(0);

    void add(Message message) {
        message.id().ifPresent(id -> {
            ids.addLast(id);
            if (ids.size() > MOST) {
                ids.removeFirst();
            }
        });
    }

    /** Whether it comes once more although it was handled. */
    boolean contains(Message message) {
        return message.attempt() > 1 && message.id().filter(ids::contains).isPresent();
    }
}
