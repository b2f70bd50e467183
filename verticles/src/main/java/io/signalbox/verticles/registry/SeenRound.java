package io.signalbox.verticles.registry;

import java.time.Instant;
import java.util.List;

/**
 * Which of this node's agents other nodes are to be told of as heard: a part at a time, so that all have had their turn after
 * so many parts, and only those that were heard since their last turn. Single writer, not thread-safe; knows no clock.
 */
final class SeenRound {
    /** In a part; with more agents than fit a round of parts the round is longer. */
    static final int MAX_PART = 2_000;

    private final int parts;
    private String place = "";
    private Instant begun = Instant.MIN;
    private Instant begunBefore = Instant.MIN;

    /** @param parts of a round */
    SeenRound(int parts) {
        this.parts = parts;
    }

    /** Some of the agents by id, from after a place on. */
    interface Own {
        List<LiveAgent> after(String id, int limit);
    }

    /** @param agents that the node has */
    List<LiveAgent> next(Own own, int agents, Instant now) {
        if (place.isEmpty()) {
            begunBefore = begun;
            begun = now;
        }
        int size = Math.clamp(Math.ceilDiv(agents, parts), 1, MAX_PART);
        List<LiveAgent> next = own.after(place, size + 1);
        boolean more = next.size() > size;
        List<LiveAgent> part = more ? next.subList(0, size) : next;
        place = more ? part.getLast().id() : "";
        return part.stream()
                .filter(agent -> !agent.lastSeen().isBefore(begunBefore))
                .toList();
    }
}
