package io.signalbox.bus;

import io.signalbox.codecs.EncodedMessage;

/** Where a subscription's messages go. Called on the publisher's thread, from any thread: must not block, must bound what it keeps. */
@FunctionalInterface
public interface Subscriber {
    OfferResult offer(EncodedMessage message);
}
