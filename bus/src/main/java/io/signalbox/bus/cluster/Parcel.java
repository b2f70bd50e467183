package io.signalbox.bus.cluster;

import io.signalbox.bus.outbound.Lane;
import io.signalbox.codecs.EncodedMessage;

/** A message on its way to one peer. Immutable. */
record Parcel(EncodedMessage message, Target target) {
    /** What it takes on the heap besides its bytes: the message, its address, the places in queues. */
    private static final int OVERHEAD = 256;

    int heapBytes() {
        return message.size() + OVERHEAD;
    }

    Lane lane() {
        return Lane.of(message.priority());
    }

    /** A durable message is kept in a mailbox as well, but its live copy is not thrown away for the sake of others. */
    boolean isDurable() {
        return message.durability() != 0;
    }
}
