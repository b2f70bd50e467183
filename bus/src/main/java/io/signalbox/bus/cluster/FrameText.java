package io.signalbox.bus.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Texts in frames between nodes: two bytes of length, then UTF-8. */
final class FrameText {
    private FrameText() {}

    /** Nearly all texts are ASCII and take no copy. */
    static int size(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return 2 + text.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return 2 + text.length();
    }

    static void write(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) bytes.length).put(bytes);
    }

    static String read(ByteBuffer in) {
        byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
