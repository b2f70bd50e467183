package io.signalbox.bus.cluster;

/** A hint about who can be reached. Who may act is for membership to say. Immutable. */
public sealed interface PeerEvent {
    String peer();

    /** Both ends hear each other. */
    record Up(String peer, long incarnation) implements PeerEvent {}

    /** From now on nothing is routed to it. */
    record Down(String peer) implements PeerEvent {}
}
