package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** A server's frames (RFC 6455, section 5.2): whole, not masked. */
final class WebSocketFrames {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PONG = 10;

    /** No header is longer. */
    static final int MAX_HEADER = 10;

    private static final int FIN = 0x80;

    private WebSocketFrames() {}

    /** @param content with at least {@link #MAX_HEADER} bytes of room before it; the header is written there */
    static ByteBuf withHeader(ByteBuf content, int opcode) {
        int length = content.readableBytes();
        int begin = content.readerIndex() - headerLength(length);
        content.setByte(begin, FIN | opcode);
        if (length < 126) {
            content.setByte(begin + 1, length);
        } else if (length < 65_536) {
            content.setByte(begin + 1, 126).setShort(begin + 2, length);
        } else {
            content.setByte(begin + 1, 127).setLong(begin + 2, length);
        }
        return content.readerIndex(begin);
    }

    private static int headerLength(int length) {
        if (length < 126) {
            return 2;
        }
        return length < 65_536 ? 4 : MAX_HEADER;
    }

    /** @param content at most 125 bytes */
    static ByteBuf control(ByteBufAllocator allocator, int opcode, byte[] content) {
        return allocator
                .buffer(2 + content.length)
                .writeByte(FIN | opcode)
                .writeByte(content.length)
                .writeBytes(content);
    }
}
