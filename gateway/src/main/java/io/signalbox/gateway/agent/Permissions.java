package io.signalbox.gateway.agent;

import io.signalbox.bus.AddressPattern;
import io.signalbox.gateway.identity.Identity;
import java.util.List;
import java.util.Set;

/** Rules about addresses beyond what an {@link Identity} was granted. */
final class Permissions {
    /** The platform speaks there, clients only listen. */
    private static final Set<String> PLATFORM = Set.of("task", "node", "lock");

    private Permissions() {}

    /** No token allows to publish there. */
    static boolean isReserved(String address) {
        int end = address.indexOf('/');
        return address.startsWith("$") || PLATFORM.contains(end < 0 ? address : address.substring(0, end));
    }

    /** Whether every address that {@code wanted} matches is granted by one of the identity's patterns. */
    static boolean maySubscribe(Identity identity, AddressPattern wanted) {
        return !wanted.text().startsWith("$")
                && identity.subscribe().stream().anyMatch(granted -> covers(granted.levels(), wanted.levels()));
    }

    private static boolean covers(List<String> granted, List<String> wanted) {
        for (int i = 0; i < granted.size(); i++) {
            String level = granted.get(i);
            if (level.equals("#")) {
                return true;
            }
            if (i >= wanted.size() || wanted.get(i).equals("#")) {
                return false;
            }
            if (!level.equals("+") && !level.equals(wanted.get(i))) {
                return false;
            }
        }
        return granted.size() == wanted.size();
    }
}
