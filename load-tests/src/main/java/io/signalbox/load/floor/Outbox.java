package io.signalbox.load.floor;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** What goes to the channels of one event loop: one wake-up for many messages, one flush for each channel. Thread-safe. */
final class Outbox {
    private record Item(Channel channel, ByteBuf content) {}

    private final EventLoop eventLoop;
    private final Queue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Set<Channel> dirty = new LinkedHashSet<>();

    Outbox(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    /** @param content given away */
    void add(Channel channel, ByteBuf content) {
        items.add(new Item(channel, content));
        if (woken.compareAndSet(false, true)) {
            eventLoop.execute(this::drain);
        }
    }

    private void drain() {
        woken.set(false);
        for (Item item = items.poll(); item != null; item = items.poll()) {
            item.channel()
                    .write(
                            new BinaryWebSocketFrame(item.content()),
                            item.channel().voidPromise());
            dirty.add(item.channel());
        }
        dirty.forEach(Channel::flush);
        dirty.clear();
    }
}
