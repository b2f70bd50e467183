package io.signalbox.bus.retained;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.retained.RetainedStore.Position;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads for one new subscription what is retained at the addresses that it matches, page by page. Not thread-safe; knows no
 * store.
 *
 * <p>Each address's retained message is given at most once, and never after a live copy that the subscription got of the
 * same or a later change there: what was read before such a change is dropped. So the subscriber ends with the newest, in
 * whatever order the two come, within one class of priority. Messages that were published without the mark change nothing
 * here. Who subscribes while one is being published may get it both ways, marked and then live.
 */
public final class RetainedReader {
    /** Addresses with live changes that are remembered against one page; beyond it the page is read anew. */
    private static final int MAX_CHANGES = 1000;

    private final AddressPattern pattern;
    private final Deque<Retained> page = new ArrayDeque<>();
    private final Map<String, Long> changes = new HashMap<>();

    /** From where the page that is here or under way was read, or after what was given of it. */
    private Position after = Position.START;

    /** Where the page ends; empty: it is the last, or there is none. */
    private Optional<Position> next = Optional.empty();

    private boolean reading;
    private boolean outdated;
    private boolean done;

    public RetainedReader(AddressPattern pattern) {
        this.pattern = pattern;
    }

    public AddressPattern pattern() {
        return pattern;
    }

    /** Whether the next page may be read. */
    public boolean wantsPage() {
        return !done && !reading && page.isEmpty();
    }

    /** Nothing more will come. */
    public boolean isDone() {
        return done;
    }

    /**
     * The next page is being read from now on; {@link #arrived} or {@link #failed} is to follow.
     *
     * @return after what
     */
    public Position begin() {
        reading = true;
        changes.clear();
        return after;
    }

    /** @param until where to go on; empty: this was all */
    public void arrived(List<Retained> read, Optional<Position> until) {
        reading = false;
        if (outdated) {
            outdated = false;
            return;
        }
        page.addAll(read);
        next = until;
        turn();
    }

    /** To be read again. */
    public void failed() {
        reading = false;
        outdated = false;
    }

    /** A live copy of a change passes, whether or not it is of an address that is read here. */
    public void live(String address, long revision) {
        if (wantsPage() || done || !pattern.matches(address)) {
            return;
        }
        if (changes.size() < MAX_CHANGES || changes.containsKey(address)) {
            changes.merge(address, revision, Math::max);
        } else {
            readAnew();
        }
    }

    private void readAnew() {
        changes.clear();
        page.clear();
        outdated = reading;
    }

    /** The next one to give, if there is one here. */
    public Optional<Retained> poll(long nowMicros) {
        while (!page.isEmpty()) {
            Retained head = page.remove();
            after = head.position();
            turn();
            boolean current = changes.getOrDefault(head.message().address(), 0L) < head.revision();
            if (current && !head.message().expired(nowMicros)) {
                return Optional.of(head);
            }
        }
        return Optional.empty();
    }

    /** At the end of a page. */
    private void turn() {
        if (page.isEmpty()) {
            done = next.isEmpty();
            next.ifPresent(position -> after = position);
        }
    }
}
