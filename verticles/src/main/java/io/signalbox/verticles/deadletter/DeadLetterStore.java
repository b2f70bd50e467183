package io.signalbox.verticles.deadletter;

import io.signalbox.codecs.Code;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Dead letters, durably, one for each agent and message. A failed future carries a {@code StoreException}. Thread-safe. */
public interface DeadLetterStore {
    /**
     * Completes once all are kept, or fails and none is. Of a message that is there already the newer letter counts: it died
     * again, or the put is repeated because its outcome was unknown.
     */
    Future<Void> put(List<DeadLetter> letters);

    Future<Optional<DeadLetter>> find(String agent, UUID id);

    /**
     * Newest first, without the messages.
     *
     * @param below the last of the page before; it need not be there any more
     */
    Future<List<DeadLetter>> list(Filter filter, Optional<PagePlace> below, int limit);

    /**
     * Of one agent, with the messages: the oldest first, those of one moment in the order in which they waited.
     *
     * @param until none that died later
     */
    Future<List<DeadLetter>> oldest(Filter filter, Instant until, int limit);

    /**
     * Done with them as they were read: one that died again since, at another moment, stays.
     *
     * @return how many were removed
     */
    Future<Integer> remove(List<DeadLetter> letters);

    /** Removes it whenever it died; false: there is none. */
    Future<Boolean> drop(String agent, UUID id);

    /** @param agent empty: of all agents */
    Future<Long> count(String agent);

    /**
     * Removes the oldest of those that died before, at most {@code limit}.
     *
     * @return how many; fewer than {@code limit}: there is no more
     */
    Future<Integer> sweep(Instant before, int limit);

    /**
     * @param agent empty: of all agents
     * @param reason empty: whatever they died of
     */
    record Filter(String agent, Optional<Code> reason) {}
}
