package io.signalbox.bus.cluster.tcp;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.CodecException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

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
        List<byte[]> texts = Stream.of(cluster, from, to)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        int size = Integer.BYTES
                + texts.stream().mapToInt(text -> Short.BYTES + text.length).sum();
        ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + size).putInt(size).putInt(MAGIC);
        texts.forEach(text -> out.putShort((short) text.length).put(text));
        return out.array();
    }

    static Introduction decode(ByteBuffer frame) throws CodecException {
        try {
            frame.getInt();
            if (frame.getInt() != MAGIC) {
                throw new CodecException(Code.MALFORMED, "no node, or one of another version");
            }
            return new Introduction(text(frame), text(frame), text(frame));
        } catch (BufferUnderflowException e) {
            throw new CodecException(Code.MALFORMED, "a truncated introduction", e);
        }
    }

    private static String text(ByteBuffer frame) {
        byte[] bytes = new byte[Short.toUnsignedInt(frame.getShort())];
        frame.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
