package io.signalbox.sdk;

import io.signalbox.codecs.proto.Entry;
import java.time.Duration;

/** Sends a durable message until it is safe, or {@link ClientOptions#deliveryTimeout} is over. */
record DurablePublish(ClientOptions options, Caller caller) {
    interface Caller {
        Entry call(Entry.Builder entry) throws InterruptedException;
    }

    /** @param message with an id, by which a repeated one is known */
    void untilSafe(Message message) throws InterruptedException {
        Backoff backoff = new Backoff(options.reconnectInitial(), options.reconnectMax(), options.random());
        long end = options.clock().millis() + options.deliveryTimeout().toMillis();
        Message next = message;
        while (true) {
            try {
                caller.call(Entry.newBuilder().setMessage(next.encoded()));
                return;
            } catch (SignalboxException e) {
                Duration wait = backoff.next(e.retryAfter());
                if (!e.code().retry() || options.clock().millis() + wait.toMillis() > end) {
                    throw e;
                }
                Thread.sleep(wait);
                next = message.again();
            }
        }
    }
}
