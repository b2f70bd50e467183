package io.signalbox.verticles.registry;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import java.util.Comparator;
import java.util.Optional;

/**
 * Where something stands in a list by nearness: the nearest first, then by definition, then by agent.
 *
 * @param agent empty in a list of definitions
 */
record RankedPlace(int score, String definition, String agent) implements Comparable<RankedPlace> {
    private static final Comparator<RankedPlace> ORDER = Comparator.comparingInt(RankedPlace::score)
            .reversed()
            .thenComparing(RankedPlace::definition)
            .thenComparing(RankedPlace::agent);

    @Override
    public int compareTo(RankedPlace other) {
        return ORDER.compare(this, other);
    }

    String cursor() {
        return score + " " + definition + " " + agent;
    }

    /** @throws ServiceException {@code INVALID_ARGUMENT} */
    static Optional<RankedPlace> parse(String cursor) {
        if (cursor.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = cursor.split(" ", 3);
        if (parts.length < 3 || !parts[0].matches("-?[0-9]{1,5}")) {
            throw new ServiceException(Code.INVALID_ARGUMENT, "'" + cursor + "' is no cursor of this list");
        }
        return Optional.of(new RankedPlace(Integer.parseInt(parts[0]), parts[1], parts[2]));
    }
}
