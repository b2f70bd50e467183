package io.signalbox.codecs;

import io.signalbox.codecs.proto.Delivery;

/**
 * Writes the bytes before an entry's body, so that one encoded body goes to many receivers: {@code prefix, body} is a
 * frame with one entry, and frames concatenate to a batch.
 */
public final class FrameWriter {
    /** No prefix is longer. */
    public static final int MAX_PREFIX = 32;

    private static final int ENTRIES_TAG = 1 << 3 | WireReader.BYTES;
    private static final int AGENT_TAG = 1 << 3;
    private static final int REF_TAG = 2 << 3;
    private static final int DELIVERY_NUMBER = Delivery.NUMBER_FIELD_NUMBER << 3;
    private static final int DELIVERY_ATTEMPT = Delivery.ATTEMPT_FIELD_NUMBER << 3;
    private static final int DELIVERY_MESSAGE = Delivery.MESSAGE_FIELD_NUMBER << 3 | WireReader.BYTES;

    private FrameWriter() {}

    /**
     * @param kind one of {@link EntryKind}
     * @param out at least {@link #MAX_PREFIX} bytes from {@code at}
     * @return the position after the prefix
     */
    public static int prefix(byte[] out, int at, int agent, long ref, int kind, int bodyLength) {
        int position = WireWriter.varint(out, at, ENTRIES_TAG);
        position = WireWriter.varint(out, position, entrySize(agent, ref, kind, bodyLength));
        if (agent != 0) {
            position = WireWriter.varint(out, position, AGENT_TAG);
            position = WireWriter.varint(out, position, Integer.toUnsignedLong(agent));
        }
        if (ref != 0) {
            position = WireWriter.varint(out, position, REF_TAG);
            position = WireWriter.varint(out, position, ref);
        }
        position = WireWriter.varint(out, position, (long) kind << 3 | WireReader.BYTES);
        return WireWriter.varint(out, position, bodyLength);
    }

    /** The body of a {@code Delivery} around an encoded message. */
    public static byte[] delivery(long number, int attempt, byte[] message) {
        int size = 3
                + WireWriter.varintSize(number)
                + WireWriter.varintSize(attempt)
                + WireWriter.varintSize(message.length)
                + message.length;
        byte[] out = new byte[size];
        int at = WireWriter.varint(out, 0, DELIVERY_NUMBER);
        at = WireWriter.varint(out, at, number);
        at = WireWriter.varint(out, at, DELIVERY_ATTEMPT);
        at = WireWriter.varint(out, at, attempt);
        at = WireWriter.varint(out, at, DELIVERY_MESSAGE);
        at = WireWriter.varint(out, at, message.length);
        System.arraycopy(message, 0, out, at, message.length);
        return out;
    }

    private static int entrySize(int agent, long ref, int kind, int bodyLength) {
        int size = WireWriter.varintSize((long) kind << 3) + WireWriter.varintSize(bodyLength) + bodyLength;
        if (agent != 0) {
            size += 1 + WireWriter.varintSize(Integer.toUnsignedLong(agent));
        }
        if (ref != 0) {
            size += 1 + WireWriter.varintSize(ref);
        }
        return size;
    }
}
