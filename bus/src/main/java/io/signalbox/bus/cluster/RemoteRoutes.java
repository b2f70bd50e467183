package io.signalbox.bus.cluster;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.PatternTree;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the peers that have interest in an address. A pattern in which one peer has a plain interest, as nearly all are, costs
 * its text and a place in a map, for the value is shared. Thread-safe; one writer.
 */
final class RemoteRoutes {
    private final PatternTree<Routes> tree = new PatternTree<>(Routes.NONE, Routes::isEmpty);

    void change(PeerLink link, String pattern, PatternInterest now) {
        tree.update(new AddressPattern(pattern), before -> changed(before, link, pattern, now));
    }

    private static Routes changed(Routes before, PeerLink link, String pattern, PatternInterest now) {
        if (now.isEmpty()) {
            return before.without(link);
        }
        Routes others = before.without(link);
        if (now == PatternInterest.PLAIN) {
            return others.isEmpty() ? link.onlyPlain() : others.with(link.plainRoute());
        }
        return others.with(new Route(link, pattern, now));
    }

    /** One for each pattern and peer; of an address that no peer has interest in it costs one look into a map. */
    List<Route> match(String address) {
        if (!tree.mayMatch(address)) {
            return List.of();
        }
        List<Route> found = new ArrayList<>(4);
        tree.match(address, routes -> found.addAll(routes.all()));
        return found;
    }

    /** Whether a peer has interest in exactly this address. */
    boolean hasExactly(String address) {
        return tree.hasExactly(address);
    }

    boolean isEmpty() {
        return tree.isEmpty();
    }
}
