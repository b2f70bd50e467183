package io.signalbox.bus.cluster;

/**
 * What the links between nodes tell membership. A hint makes it look sooner; it decides nothing, for a link can fail
 * between two healthy nodes. Thread-safe.
 */
public interface PeerHints {
    /** A link to the node works. */
    void peerOpened(String node);

    /** The last link to the node was closed, and not by this node. */
    void peerClosed(String node);
}
