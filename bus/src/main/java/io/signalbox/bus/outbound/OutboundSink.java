package io.signalbox.bus.outbound;

import io.signalbox.codecs.EncodedMessage;

/**
 * A connection as its {@link OutboundWriter} sees it. Entries written since the last {@link #flush} go out as one batch.
 * Confined to the connection's event loop.
 */
public interface OutboundSink {
    /** False: the transport's own buffer is full; {@code OutboundWriter.onWritable} will be called when it is not. */
    boolean isWritable();

    /** @param agent handle of the receiving agent on this connection */
    void message(int agent, EncodedMessage message);

    /**
     * @param kind one of {@code EntryKind}
     * @param body the encoded body
     */
    void control(int agent, long ref, int kind, byte[] body);

    /**
     * A message that the writer had accepted is not written: dropped to make room, or expired. Called within the writer's
     * work: the writer is not to be used.
     */
    default void unsent(int agent) {}

    /** Ends the batch: one write to the network. */
    void flush();

    /** Forgets what was written since the last flush, as it is not whole. */
    void discard();
}
