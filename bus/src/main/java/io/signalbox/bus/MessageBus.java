package io.signalbox.bus;

import io.signalbox.codecs.EncodedMessage;

/**
 * Carries messages between everything on the node. Thread-safe: any event loop may publish and subscribe; a subscription
 * is seen by every publish that starts after {@code subscribe} returned.
 */
public interface MessageBus {

    /**
     * Gives the message to every plain subscriber of its address and to one member of each queue group.
     *
     * @return {@code ACCEPTED} when at least one subscriber took it; {@code BACK_PRESSURED} when there are subscribers
     *     and none had room; {@code NO_ROUTE} when there is none
     */
    OfferResult publish(EncodedMessage message);

    /** Gives the message to one subscriber of its address, in a group or not; tries others when the chosen has no room. */
    OfferResult send(EncodedMessage message);

    /** Whether anybody is subscribed to exactly this address; subscriptions with wildcards do not count. */
    boolean hasSubscribers(String address);

    /**
     * @param group empty: receives every message; else shares the messages with the other members of the group
     */
    Subscription subscribe(AddressPattern pattern, String group, Subscriber subscriber);

    /** What {@link #subscribe} gave. Closing is idempotent; a message being handed over may still arrive. */
    interface Subscription extends AutoCloseable {
        AddressPattern pattern();

        String group();

        @Override
        void close();
    }
}
