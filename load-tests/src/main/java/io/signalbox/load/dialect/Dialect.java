package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;

/**
 * How a client of one peer talks. One for each connection, confined to the connection's event loop. All dialects read and
 * write the connection's bytes themselves, so that the generator costs the same whatever the peer.
 */
public interface Dialect {
    /** The connection is there: begins the handshake. */
    void begin(ByteBuf out);

    /**
     * Takes whole units from {@code in} and leaves the rest. Answers that the peer expects go to {@code out}.
     *
     * @throws DialectException when the peer says something that it should not
     */
    void read(ByteBuf in, ByteBuf out, Events events) throws DialectException;

    /**
     * Appends a message.
     *
     * @param from index of an agent on this connection
     * @param to index of any agent, or {@link Stamp#TO_ALL}
     * @param payload may be used again by the caller
     */
    void publish(ByteBuf out, int from, int to, byte[] payload);

    /** What comes from the peer. */
    interface Events {
        /** The handshake is over, all agents of the connection receive. */
        void ready();

        /** A message for an agent of this connection; the bytes are valid during the call. */
        void received(int agent, byte[] bytes, int offset, int length);

        /**
         * A message of {@link Stamp.Kind#DURABLE} for an agent of this connection; the bytes are valid during the call.
         *
         * @param offset of the payload
         * @param attempt how often it was handed out
         */
        void delivered(int agent, byte[] bytes, int offset, int attempt);

        /** A durable message of this connection is safe. */
        void acknowledged(long ref);

        /** A durable message of this connection is not known to be safe. */
        void refused(long ref, String what);

        /** The peer refused or dropped something. */
        void refused(String what);
    }
}
