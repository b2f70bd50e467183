package io.signalbox.gateway.agent;

import io.signalbox.bus.AddressPattern;
import io.signalbox.gateway.identity.Identity;
import java.util.List;

/** Rules about addresses beyond what an {@link Identity} was granted. */
final class Permissions {
    /** The platform speaks there, clients only listen. */
    private static final String[] PLATFORM = {"task", "node", "lock"};

    private Permissions() {}

    /** No token allows to publish there. Asked of every message: nothing is allocated. */
    static boolean isReserved(String address) {
        if (address.startsWith("$")) {
            return true;
        }
        for (int i = 0; i < PLATFORM.length; i++) {
            if (isBelow(address, PLATFORM[i])) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBelow(String address, String level) {
        return address.startsWith(level)
                && (address.length() == level.length() || address.charAt(level.length()) == '/');
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
