package io.signalbox.bus.outbound;

import io.signalbox.codecs.EncodedMessage;

/** What waits for a connection. */
sealed interface Outgoing {
    /** Prefix of the entry in its frame, and what the queue itself takes. */
    int OVERHEAD = 64;

    int agent();

    int size();

    Lane lane();

    record OutgoingMessage(int agent, EncodedMessage message) implements Outgoing {
        @Override
        public int size() {
            return message.size() + OVERHEAD;
        }

        @Override
        public Lane lane() {
            return Lane.of(message.priority());
        }
    }

    record OutgoingControl(int agent, long ref, int kind, byte[] body) implements Outgoing {
        @Override
        public int size() {
            return body.length + OVERHEAD;
        }

        @Override
        public Lane lane() {
            return Lane.CONTROL;
        }
    }
}
