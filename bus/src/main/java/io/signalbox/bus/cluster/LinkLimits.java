package io.signalbox.bus.cluster;

/**
 * Limits of the link to one peer, in bytes. Immutable.
 *
 * @param maxWaiting what may wait in this node for the peer
 * @param window what may be on its way to a node: it grants so much ahead of what it has handed over
 * @param batch a batch is sent when it has grown to this, else at the end of the event loop's turn
 */
public record LinkLimits(long maxWaiting, long window, int batch) {
    public LinkLimits {
        if (maxWaiting < 1 || window < 1 || batch < 1) {
            throw new IllegalArgumentException("maxWaiting " + maxWaiting + ", window " + window + ", batch " + batch);
        }
    }
}
