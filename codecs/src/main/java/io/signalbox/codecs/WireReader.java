package io.signalbox.codecs;

/**
 * Protobuf primitives over a byte array. Every read is checked against the end given at {@link #reset}; nothing is
 * allocated for skipped fields. Not thread-safe.
 */
final class WireReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private byte[] buffer = new byte[0];
    private int position;
    private int end;

    void reset(byte[] buffer, int offset, int length) {
        this.buffer = buffer;
        this.position = offset;
        this.end = offset + length;
    }

    boolean atEnd() {
        return position == end;
    }

    int position() {
        return position;
    }

    byte[] buffer() {
        return buffer;
    }

    /** Field number and wire type; never with field number 0. */
    int tag() throws CodecException {
        long tag = varint();
        if (tag >>> 32 != 0 || (tag >>> 3) == 0) {
            throw malformed("field number out of range");
        }
        return (int) tag;
    }

    long varint() throws CodecException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (position == end) {
                throw malformed("truncated varint");
            }
            byte b = buffer[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw malformed("varint longer than ten bytes");
    }

    /** Reads a length and moves past that many bytes; the position before them is {@code position() - length}. */
    int bytes() throws CodecException {
        long length = varint();
        if (length < 0 || length > end - position) {
            throw malformed("length beyond the end");
        }
        position += (int) length;
        return (int) length;
    }

    void skip(int tag) throws CodecException {
        switch (tag & 7) {
            case VARINT -> varint();
            case FIXED64 -> advance(8);
            case BYTES -> bytes();
            case FIXED32 -> advance(4);
            default -> throw malformed("wire type " + (tag & 7));
        }
    }

    private void advance(int count) throws CodecException {
        if (count > end - position) {
            throw malformed("truncated field");
        }
        position += count;
    }

    static CodecException malformed(String what) {
        return new CodecException(Code.MALFORMED, what);
    }
}
