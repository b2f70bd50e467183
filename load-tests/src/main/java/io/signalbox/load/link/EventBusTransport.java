package io.signalbox.load.link;

import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.PeerTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.nio.ByteBuffer;
import java.util.Collection;

/**
 * Frames over the clustered event bus of Vert.x, one consumer for each node: what decision 9 compares our own links with. The
 * event bus has no flow control, and does not tell whether a peer is there; so a path is said to be there, and always
 * writable.
 */
final class EventBusTransport implements PeerTransport {
    private static final String FROM = "from";

    private final Vertx vertx;
    private final DeliveryOptions options;
    private final String node;
    private MessageConsumer<Buffer> consumer;
    private Listener listener;

    /** @param vertx clustered */
    EventBusTransport(Vertx vertx, String node) {
        this.vertx = vertx;
        this.node = node;
        this.options = new DeliveryOptions().addHeader(FROM, node);
    }

    @Override
    public Future<Void> start(Listener listener) {
        this.listener = listener;
        consumer = vertx.eventBus().consumer(address(node), message -> {
            Buffer body = message.body();
            listener.received(message.headers().get(FROM), ByteBuffer.wrap(body.getBytes()));
        });
        return consumer.completion();
    }

    private static String address(String node) {
        return "node/" + node;
    }

    @Override
    public void peers(Collection<PeerAddress> peers) {
        peers.forEach(peer -> listener.connected(peer.node()));
    }

    @Override
    public void send(String peer, byte[] frame) {
        vertx.eventBus().send(address(peer), Buffer.buffer(frame), options);
    }

    @Override
    public boolean isWritable(String peer) {
        return true;
    }

    @Override
    public void disconnect(String peer) {
        listener.disconnected(peer);
        listener.connected(peer);
    }

    @Override
    public Future<Void> stop() {
        return consumer.unregister();
    }
}
