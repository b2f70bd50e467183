package io.signalbox.bus.cluster.tcp;

import io.netty.buffer.ByteBuf;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.ByteBuffer;

/** Finds frames in a stream of bytes: each begins with its length. Grows with what has come, not with what is announced. */
final class FrameAssembler {
    /** Bytes of the length itself. */
    private static final int LENGTH = 4;

    private static final int INITIAL = 64 * 1024;

    @FunctionalInterface
    interface Receiver {
        /** @param frame is overwritten after the call */
        void frame(ByteBuffer frame) throws CodecException;
    }

    private final int maxFrame;
    private byte[] bytes = new byte[INITIAL];
    private int begin;
    private int end;

    FrameAssembler(int maxFrame) {
        this.maxFrame = maxFrame;
    }

    /** @throws CodecException also what the receiver throws; the stream is of no use then */
    void add(ByteBuf chunk, Receiver receiver) throws CodecException {
        int count = chunk.readableBytes();
        makeRoom(count);
        chunk.readBytes(bytes, end, count);
        end += count;
        int length = nextLength();
        while (length > 0) {
            int at = begin;
            begin += length;
            receiver.frame(ByteBuffer.wrap(bytes, at, length));
            length = nextLength();
        }
        if (begin == end) {
            begin = 0;
            end = 0;
            if (bytes.length > 4 * INITIAL) {
                bytes = new byte[INITIAL];
            }
        }
    }

    /** 0: the next frame is not whole yet. */
    private int nextLength() throws CodecException {
        if (end - begin < LENGTH) {
            return 0;
        }
        int announced = ByteBuffer.wrap(bytes).getInt(begin);
        if (announced < 1 || announced > maxFrame) {
            throw new CodecException(Code.MALFORMED, "a frame of " + Integer.toUnsignedString(announced) + " bytes");
        }
        int length = LENGTH + announced;
        return end - begin < length ? 0 : length;
    }

    private void makeRoom(int count) {
        if (end + count <= bytes.length) {
            return;
        }
        int kept = end - begin;
        byte[] target = kept + count > bytes.length ? new byte[Math.max(kept + count, 2 * bytes.length)] : bytes;
        System.arraycopy(bytes, begin, target, 0, kept);
        bytes = target;
        begin = 0;
        end = kept;
    }
}
