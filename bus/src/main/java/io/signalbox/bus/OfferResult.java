package io.signalbox.bus;

/** What became of a message that was offered. The caller must look at it. */
public enum OfferResult {
    /** Taken; it will be handed on unless the receiver goes away. */
    ACCEPTED,
    /** The queue is at its bound; the message was not taken. */
    BACK_PRESSURED,
    /** Nobody is subscribed. */
    NO_ROUTE,
    /** The receiver is gone; the message was not taken. */
    CLOSED
}
