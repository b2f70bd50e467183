package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One page of the agents that a query means, found step by step so that a long search holds up nobody. The directory may
 * change between the steps, and between pages: by id, each agent that is there all the time is found once. Not thread-safe.
 */
final class AgentSearch {
    private static final int PER_STEP = 1_000;

    private final AgentDirectory directory;
    private final AgentSelector selector;
    private final AgentQuery query;
    private final String cursor;
    private final int limit;
    private final boolean counts;
    private final List<LiveAgent> found = new ArrayList<>();
    private String place;
    private int matched;
    private boolean more;
    private boolean done;

    /**
     * @param selector no agent that it does not mean is meant by {@code query}
     * @param cursor id of the last agent of the page before; empty: the first page
     * @param counts also those of other pages, from the beginning
     */
    AgentSearch(
            AgentDirectory directory,
            AgentSelector selector,
            AgentQuery query,
            String cursor,
            int limit,
            boolean counts) {
        this.directory = directory;
        this.selector = selector;
        this.query = query;
        this.cursor = cursor;
        this.limit = limit;
        this.counts = counts;
        this.place = counts ? "" : cursor;
    }

    /** False: there is more to be done. */
    boolean step() {
        List<LiveAgent> candidates =
                directory.candidates(selector, place).limit(PER_STEP).toList();
        for (LiveAgent agent : candidates) {
            if (query.matches(agent)) {
                matched(agent);
            }
            if (done) {
                return true;
            }
        }
        done = candidates.size() < PER_STEP;
        if (!done) {
            place = candidates.getLast().id();
        }
        return done;
    }

    private void matched(LiveAgent agent) {
        matched++;
        if (agent.id().compareTo(cursor) <= 0) {
            return;
        }
        if (found.size() < limit) {
            found.add(agent);
        } else {
            more = true;
            done = !counts;
        }
    }

    List<LiveAgent> found() {
        return found;
    }

    /** Empty: this is the last page. */
    Optional<String> nextCursor() {
        return more ? Optional.of(found.getLast().id()) : Optional.empty();
    }

    /** All that match; empty when they were not to be counted. */
    OptionalInt count() {
        return counts ? OptionalInt.of(matched) : OptionalInt.empty();
    }
}
