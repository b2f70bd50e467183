package io.signalbox.bus.cluster;

import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.Collection;

/**
 * Carries frames between nodes that know each other by name, in order for each pair, whole or not at all. Confined to the
 * event loop that {@link #start} was called on; the listener is called there.
 */
public interface PeerTransport {

    /** Learns what comes. */
    interface Listener {
        /** There is a path to the peer: what is sent goes to it. */
        void connected(String peer);

        /** The path is gone; what was under way may be lost. Follows each {@link #connected} in time. */
        void disconnected(String peer);

        /** @param frame in an array, and the transport's own after the call */
        void received(String peer, ByteBuffer frame);

        /** The transport takes more for a peer for which {@link #isWritable} said no. */
        void writable(String peer);
    }

    /** Listens. Fails when it cannot, for example as another process has the port. */
    Future<Void> start(Listener listener);

    /** Whom to be connected with from now on; who is not among them is disconnected and not let in. */
    void peers(Collection<PeerAddress> peers);

    /**
     * Nothing happens when there is no path to the peer.
     *
     * @param frame begins with the number of bytes after these four; not to be written to any more
     */
    void send(String peer, byte[] frame);

    /** False: enough waits in the transport's own buffers. Control frames may be sent nevertheless. */
    boolean isWritable(String peer);

    /** Throws the path to the peer away, and all that waits for it; a new one is made if there can be. */
    void disconnect(String peer);

    /** Lets go of everything. Idempotent. */
    Future<Void> stop();
}
