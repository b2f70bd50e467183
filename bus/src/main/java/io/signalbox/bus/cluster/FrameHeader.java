package io.signalbox.bus.cluster;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.ByteBuffer;

/**
 * What each frame between nodes begins with, all numbers with the highest byte first:
 *
 * <pre>
 *   4  length of what follows
 *   1  version, 1
 *   1  kind
 *   8  incarnation of the sender
 *   8  incarnation of the receiver; 0: the sender does not hear it
 * </pre>
 *
 * @param kind one of {@link FrameKind}, or of a later version
 */
record FrameHeader(int kind, long from, long to) {
    static final int VERSION = 1;
    static final int LENGTH = 4;
    static final int SIZE = 22;

    /** Leaves the frame at its body. */
    static FrameHeader read(ByteBuffer frame) throws CodecException {
        if (frame.remaining() < SIZE) {
            throw new CodecException(Code.MALFORMED, "a frame of " + frame.remaining() + " bytes");
        }
        int length = frame.getInt();
        if (length != frame.remaining()) {
            throw new CodecException(Code.MALFORMED, "a frame of " + frame.remaining() + " bytes that says " + length);
        }
        int version = frame.get();
        if (version != VERSION) {
            throw new CodecException(Code.MALFORMED, "a frame of version " + version);
        }
        return new FrameHeader(frame.get(), frame.getLong(), frame.getLong());
    }

    /** A frame that has room for the body after its header. */
    static ByteBuffer frame(FrameKind kind, long from, long to, int bodySize) {
        return ByteBuffer.allocate(SIZE + bodySize)
                .putInt(SIZE - LENGTH + bodySize)
                .put((byte) VERSION)
                .put((byte) kind.number())
                .putLong(from)
                .putLong(to);
    }
}
