package io.signalbox.verticles.registry;

import io.signalbox.codecs.internal.AgentSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One page of the agents that a query means, those of the nearest definitions first, found step by step. Agents without a
 * definition are not among them. Not thread-safe.
 */
final class RankedAgentSearch {
    private static final int PER_STEP = 1_000;

    private final AgentDirectory directory;
    private final AgentSelector selector;
    private final AgentQuery query;
    private final Optional<RankedPlace> cursor;
    private final int limit;
    private final NavigableSet<RankedPlace> definitions = new TreeSet<>();
    private final List<LiveAgent> found = new ArrayList<>();
    private final List<RankedPlace> places = new ArrayList<>();

    /**
     * @param scores of definitions by {@code name@version}
     * @param cursor of the last agent of the page before
     */
    RankedAgentSearch(
            AgentDirectory directory,
            AgentSelector selector,
            AgentQuery query,
            Map<String, Integer> scores,
            Optional<RankedPlace> cursor,
            int limit) {
        this.directory = directory;
        this.selector = selector;
        this.query = query;
        this.cursor = cursor;
        this.limit = limit;
        scores.forEach((reference, score) -> definitions.add(new RankedPlace(score, reference, "")));
        cursor.ifPresent(last -> definitions
                .headSet(new RankedPlace(last.score(), last.definition(), ""), false)
                .clear());
    }

    /** False: there is more to be done. */
    boolean step() {
        int lookedAt = 0;
        while (lookedAt < PER_STEP && found.size() <= limit && !definitions.isEmpty()) {
            lookedAt += 1 + lookAt(definitions.pollFirst());
        }
        return found.size() > limit || definitions.isEmpty();
    }

    /** How many agents were looked at. */
    private int lookAt(RankedPlace definition) {
        String after = cursor.filter(last -> last.definition().equals(definition.definition()))
                .map(RankedPlace::agent)
                .orElse("");
        AgentSelector narrowed =
                selector.toBuilder().setType(definition.definition()).build();
        List<LiveAgent> candidates = directory.candidates(narrowed, after).toList();
        candidates.stream()
                .filter(agent -> agent.definition().equals(definition.definition()) && query.matches(agent))
                .limit(limit + 1L - found.size())
                .forEach(agent -> {
                    found.add(agent);
                    places.add(new RankedPlace(definition.score(), definition.definition(), agent.id()));
                });
        return candidates.size();
    }

    /** A page, and one more when there is a next one. */
    private int size() {
        return Math.min(limit, found.size());
    }

    List<LiveAgent> found() {
        return found.subList(0, size());
    }

    /** Of those found, in their order. */
    List<Integer> scores() {
        return places.subList(0, size()).stream().map(RankedPlace::score).toList();
    }

    /** Empty: this is the last page. */
    Optional<String> nextCursor() {
        return found.size() > limit ? Optional.of(places.get(limit - 1).cursor()) : Optional.empty();
    }
}
