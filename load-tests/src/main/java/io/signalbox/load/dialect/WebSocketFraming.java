package io.signalbox.load.dialect;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The client's side of RFC 6455: the upgrade, masked frames out, plain frames in. Confined to one event loop. */
final class WebSocketFraming {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] scratch = new byte[8];
    private boolean upgraded;
    private int mask = 0x5bd1e995;

    /** Takes the content of a data frame; the bytes are valid during the call. */
    interface Content {
        void take(byte[] bytes, int offset, int length) throws DialectException;
    }

    static void upgrade(ByteBuf out, String path, String protocol) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + (protocol.isEmpty() ? "" : "Sec-WebSocket-Protocol: " + protocol + "\r\n") + "\r\n";
        out.writeCharSequence(request, StandardCharsets.US_ASCII);
    }

    /** Whether the answer to the upgrade was just read in full; false: more must come, or it was read before. */
    boolean upgradeDone(ByteBuf in) throws DialectException {
        if (upgraded) {
            return false;
        }
        int end = endOfHeaders(in);
        if (end < 0) {
            return false;
        }
        String answer = in.readCharSequence(end - in.readerIndex(), StandardCharsets.US_ASCII)
                .toString();
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new DialectException(
                    "upgrade refused: " + answer.lines().findFirst().orElse(""));
        }
        upgraded = true;
        return true;
    }

    private static int endOfHeaders(ByteBuf in) {
        for (int i = in.readerIndex() + 3; i < in.writerIndex(); i++) {
            if (in.getByte(i) == '\n' && in.getByte(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    boolean isUpgraded() {
        return upgraded;
    }

    /** Reads what is there in whole frames. */
    void read(ByteBuf in, ByteBuf out, Content content) throws DialectException {
        while (in.readableBytes() >= 2) {
            int header = in.readerIndex();
            int opcode = in.getByte(header) & 0x0f;
            int length = in.getByte(header + 1) & 0x7f;
            int begin = header + (length == 126 ? 4 : length == 127 ? 10 : 2);
            if (begin > in.writerIndex()) {
                return;
            }
            if (length == 126) {
                length = in.getUnsignedShort(header + 2);
            } else if (length == 127) {
                length = Math.toIntExact(in.getLong(header + 2));
            }
            if (begin + length > in.writerIndex()) {
                return;
            }
            frame(in, begin, length, opcode, out, content);
            in.readerIndex(begin + length);
        }
    }

    private void frame(ByteBuf in, int begin, int length, int opcode, ByteBuf out, Content content)
            throws DialectException {
        byte[] bytes = Scratch.copy(in, begin, length);
        switch (opcode) {
            case TEXT, BINARY -> content.take(bytes, 0, length);
            case PING -> frame(out, PONG, bytes.clone(), length);
            case PONG -> {}
            case CLOSE -> throw new DialectException("closed with " + closeReason(bytes, length));
            default -> throw new DialectException("unexpected frame of kind " + opcode);
        }
    }

    private static String closeReason(byte[] bytes, int length) {
        if (length < 2) {
            return "no code";
        }
        int code = (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        return code + " " + new String(bytes, 2, length - 2, StandardCharsets.UTF_8);
    }

    void binary(ByteBuf out, byte[] content, int length) {
        frame(out, BINARY, content, length);
    }

    void text(ByteBuf out, byte[] content, int length) {
        frame(out, TEXT, content, length);
    }

    /** Masks {@code content} in place. */
    private void frame(ByteBuf out, int opcode, byte[] content, int length) {
        mask = mask * 1664525 + 1013904223;
        out.writeByte(0x80 | opcode);
        if (length < 126) {
            out.writeByte(0x80 | length);
        } else if (length < 65_536) {
            out.writeByte(0x80 | 126).writeShort(length);
        } else {
            out.writeByte(0x80 | 127).writeLong(length);
        }
        out.writeInt(mask);
        long wide = (long) mask << 32 | mask & 0xffff_ffffL;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            LONG.set(content, i, (long) LONG.get(content, i) ^ wide);
        }
        LONG.set(scratch, 0, wide);
        for (; i < length; i++) {
            content[i] ^= scratch[i & 7];
        }
        out.writeBytes(content, 0, length);
    }
}
