package io.signalbox.codecs;

/**
 * Walks the entries of an encoded {@code Frame} without decoding their bodies. An entry has one body; a second one is
 * malformed (the generated parser would merge them). Unknown fields are skipped. Not thread-safe; meant to be reused.
 */
public final class FrameReader {
    private static final int ENTRIES = 1;
    private static final int AGENT = 1;
    private static final int REF = 2;

    private final WireReader frame = new WireReader();
    private final WireReader entry = new WireReader();
    private int agent;
    private long ref;
    private int kind;
    private int bodyOffset;
    private int bodyLength;

    /** Starts on a frame that occupies {@code length} bytes of {@code buffer} from {@code offset}. */
    public FrameReader reset(byte[] buffer, int offset, int length) {
        frame.reset(buffer, offset, length);
        return this;
    }

    /** Moves to the next entry; false at the end of the frame. */
    public boolean next() throws CodecException {
        while (!frame.atEnd()) {
            int tag = frame.tag();
            if (tag == (ENTRIES << 3 | WireReader.BYTES)) {
                int length = frame.bytes();
                readEntry(frame.buffer(), frame.position() - length, length);
                return true;
            }
            frame.skip(tag);
        }
        return false;
    }

    private void readEntry(byte[] buffer, int offset, int length) throws CodecException {
        agent = 0;
        ref = 0;
        kind = 0;
        bodyOffset = offset;
        bodyLength = 0;
        entry.reset(buffer, offset, length);
        while (!entry.atEnd()) {
            int tag = entry.tag();
            switch (tag) {
                case AGENT << 3 | WireReader.VARINT -> agent = (int) entry.varint();
                case REF << 3 | WireReader.VARINT -> ref = entry.varint();
                default -> readBody(tag);
            }
        }
    }

    private void readBody(int tag) throws CodecException {
        if ((tag & 7) != WireReader.BYTES || !EntryKind.isBody(tag >>> 3)) {
            entry.skip(tag);
            return;
        }
        if (kind != 0) {
            throw WireReader.malformed("entry with two bodies");
        }
        kind = tag >>> 3;
        bodyLength = entry.bytes();
        bodyOffset = entry.position() - bodyLength;
    }

    /** Handle of the agent that the entry is from or for; 0: the connection. */
    public int agent() {
        return agent;
    }

    public long ref() {
        return ref;
    }

    /** Field number of the body, one of {@link EntryKind}; 0 when the entry has none that this version knows. */
    public int kind() {
        return kind;
    }

    public int bodyOffset() {
        return bodyOffset;
    }

    public int bodyLength() {
        return bodyLength;
    }
}
