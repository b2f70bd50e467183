package io.signalbox.codecs;

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
