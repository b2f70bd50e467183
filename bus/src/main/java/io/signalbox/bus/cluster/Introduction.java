package io.signalbox.bus.cluster;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The first frame of a connection, from both ends:
 *
 * <pre>
 *   4  length of what follows
 *   4  0x53424331, "SBC1"
 *      name of the cluster, name of the sender, name of whom it wants (2 bytes of length, UTF-8)
 * </pre>
 */
record Introduction(String cluster, String from, String to) {
    private static final int MAGIC = 0x53424331;

    byte[] encode() {
        int size = 4 + FrameText.size(cluster) + FrameText.size(from) + FrameText.size(to);
        ByteBuffer out =
                ByteBuffer.allocate(FrameHeader.LENGTH + size).putInt(size).putInt(MAGIC);
        FrameText.write(out, cluster);
        FrameText.write(out, from);
        FrameText.write(out, to);
        return out.array();
    }

    static Introduction decode(ByteBuffer frame) throws CodecException {
        try {
            frame.getInt();
            if (frame.getInt() != MAGIC) {
                throw new CodecException(Code.MALFORMED, "no node, or one of another version");
            }
            return new Introduction(FrameText.read(frame), FrameText.read(frame), FrameText.read(frame));
        } catch (BufferUnderflowException e) {
            throw new CodecException(Code.MALFORMED, "a truncated introduction", e);
        }
    }
}
