package io.signalbox.node;

import java.util.List;

/** Which addresses, and patterns of subscriptions, concern other nodes. */
final class SharedAddresses {
    private static final List<String> SHARED = List.of(
            "$sys/agent/",
            "$sys/reply/",
            "$sys/allocation",
            "$sys/registry/changes",
            "$sys/registry/of/",
            "$sys/channels/changes");

    private SharedAddresses() {}

    /** All that clients use; of the services' own what they say to each other over nodes. */
    static boolean isShared(String address) {
        return address.isEmpty() || address.charAt(0) != '$' || SHARED.stream().anyMatch(address::startsWith);
    }
}
