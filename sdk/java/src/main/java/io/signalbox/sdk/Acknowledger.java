package io.signalbox.sdk;

import io.signalbox.codecs.proto.Ack;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Reject;

/**
 * Tells the node what became of an agent's deliveries, under the handle that each of them came to: a later attach counts its
 * deliveries anew. What is lost on the way is handed out again. Thread-safe.
 */
record Acknowledger(Teller teller) implements Inbox.Settler {
    interface Teller {
        void tell(int handle, Entry.Builder entry);
    }

    @Override
    public void handled(Inbox.Delivered delivered) {
        teller.tell(
                delivered.handle(), Entry.newBuilder().setAck(Ack.newBuilder().addNumbers(delivered.number())));
    }

    @Override
    public void rejected(Inbox.Delivered delivered, String reason) {
        Reject reject = Reject.newBuilder()
                .setNumber(delivered.number())
                .setReason(reason)
                .build();
        teller.tell(delivered.handle(), Entry.newBuilder().setReject(reject));
    }
}
