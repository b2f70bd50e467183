package io.signalbox.bus.cluster;

import java.util.function.Predicate;

/**
 * What a node is in its cluster. Immutable.
 *
 * @param incarnation positive; greater than any that the node had before
 * @param isShared whether subscriptions with a pattern, and messages to an address, concern other nodes
 */
public record ClusterOptions(long incarnation, LinkLimits limits, Predicate<String> isShared) {
    public ClusterOptions {
        if (incarnation < 1) {
            throw new IllegalArgumentException("incarnation " + incarnation);
        }
    }
}
