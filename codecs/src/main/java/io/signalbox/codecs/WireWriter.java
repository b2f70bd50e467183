package io.signalbox.codecs;

/** Protobuf primitives into a byte array that is large enough. Each method returns the position after what it wrote. */
final class WireWriter {
    private WireWriter() {}

    static int varintSize(long value) {
        return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
    }

    static int varint(byte[] out, int at, long value) {
        long rest = value;
        int position = at;
        while ((rest & ~0x7fL) != 0) {
            out[position++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[position++] = (byte) rest;
        return position;
    }

    static int bigEndian(byte[] out, int at, long value) {
        for (int i = 0; i < 8; i++) {
            out[at + i] = (byte) (value >>> (56 - 8 * i));
        }
        return at + 8;
    }
}
