package io.signalbox.gateway.agent;

import io.signalbox.bus.retained.RetainedMessages;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What the new subscriptions of an event loop share: how much they may ask the store at once, and who of them waits for
 * something. Confined to the event loop.
 */
final class RetainedReads {
    /** Under way for one event loop: a page may be as large as a message. */
    private static final int MAX_READS = 128;

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final int MAX_DOUBLINGS = 4;

    private final RetainedMessages messages;
    private final long maxPageBytes;
    private final RandomGenerator random;
    private final Deque<RetainedFeed> turns = new ArrayDeque<>();
    private final Map<AgentSession, Set<RetainedFeed>> waiting = new HashMap<>();
    private int reads;

    /**
     * @param maxPageBytes of the messages that one answer of the store brings
     * @param random spreads retries
     */
    RetainedReads(RetainedMessages messages, long maxPageBytes, RandomGenerator random) {
        this.messages = messages;
        this.maxPageBytes = maxPageBytes;
        this.random = random;
    }

    RetainedMessages messages() {
        return messages;
    }

    long maxPageBytes() {
        return maxPageBytes;
    }

    /** Whether the feed may ask now; when not, it is called in its turn. Each true is given back with {@link #readDone}. */
    boolean mayRead(RetainedFeed feed) {
        if (reads < MAX_READS) {
            reads++;
            return true;
        }
        turns.add(feed);
        return false;
    }

    void readDone() {
        reads--;
        for (int i = turns.size(); i > 0 && reads < MAX_READS; i--) {
            turns.remove().itsTurn();
        }
    }

    /** The feed has no room, or its store is away: it is called when that may have changed. */
    void await(AgentSession session, RetainedFeed feed) {
        waiting.computeIfAbsent(session, none -> new LinkedHashSet<>()).add(feed);
    }

    void forget(AgentSession session, RetainedFeed feed) {
        waiting.computeIfPresent(session, (key, feeds) -> {
            feeds.remove(feed);
            return feeds.isEmpty() ? null : feeds;
        });
    }

    /** The session's connection takes more. */
    void writable(AgentSession session) {
        List.copyOf(waiting.getOrDefault(session, Set.of())).forEach(RetainedFeed::proceed);
    }

    void tick() {
        waiting.values().stream().flatMap(Set::stream).toList().forEach(RetainedFeed::proceed);
    }

    /** @param failures one after the other, 1 or more */
    Instant retryAt(Instant now, int failures) {
        long longest = FIRST_RETRY.toMillis() << Math.min(failures, MAX_DOUBLINGS);
        return now.plusMillis(longest / 2 + random.nextLong(longest / 2));
    }
}
