package io.signalbox.bus.cluster;

import java.util.ArrayList;
import java.util.List;

/** All peers that have interest under one pattern. Immutable. */
record Routes(List<Route> all) {
    static final Routes NONE = new Routes(List.of());

    Routes {
        all = List.copyOf(all);
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** In the place of what the same peer had. */
    Routes with(Route route) {
        List<Route> changed = others(route.link());
        changed.add(route);
        return new Routes(changed);
    }

    Routes without(PeerLink link) {
        return new Routes(others(link));
    }

    private List<Route> others(PeerLink link) {
        List<Route> others = new ArrayList<>(all.size() + 1);
        for (Route each : all) {
            if (each.link() != link) {
                others.add(each);
            }
        }
        return others;
    }
}
