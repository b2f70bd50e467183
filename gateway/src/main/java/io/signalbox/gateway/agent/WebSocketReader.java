package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a client's WebSocket frames (RFC 6455) from the bytes of its connection: unmasks each message, joins fragments,
 * refuses what breaks the protocol. Holds no memory between whole messages. Confined to the connection's event loop.
 */
final class WebSocketReader {
    /** RFC 6455, section 7.4.1. */
    static final int PROTOCOL_ERROR = 1002;

    static final int INVALID_PAYLOAD = 1007;
    static final int TOO_BIG = 1009;

    /** The closing frame named no code; never sent. */
    static final int NO_CODE = 1005;

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int MASK_BYTES = 4;
    private static final int MAX_CONTROL = 125;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** What comes, in order. */
    interface Sink {
        /**
         * @param text whether it is a text message; that its bytes are UTF-8 is for its reader to check, who tells the client with a code
         * @param content the message up to {@code length}; the array is used again for the next one
         */
        void message(boolean text, byte[] content, int length);

        void ping(byte[] content);

        /** @param code of the closing frame, {@link #NO_CODE} without one. Nothing follows. */
        void close(int code);
    }

    /** The client broke the protocol: the connection is to be closed with the code. */
    static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        private final int code;

        Broken(int code, String reason) {
            super(reason, null, false, false);
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /** Where messages are unmasked; one for all readers of an event loop, as each message is dealt with before the next is read. */
    static final class Scratch {
        /** A larger message gets an array of its own. */
        private static final int SIZE = 64 * 1024;

        private final byte[] bytes = new byte[SIZE];

        private byte[] atLeast(int length) {
            return length <= SIZE ? bytes : new byte[length];
        }
    }

    private final int maxMessage;
    private final Scratch scratch;
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;
    private ByteBuf fragments = Unpooled.EMPTY_BUFFER;
    private int fragmented;
    private boolean closed;

    /** @param maxMessage bytes of a message, over all its fragments */
    WebSocketReader(int maxMessage, Scratch scratch) {
        this.maxMessage = maxMessage;
        this.scratch = scratch;
    }

    /**
     * Takes what was read from the network; what is not whole is kept for the next time.
     *
     * @param in released here
     */
    void read(ByteBuf in, Sink sink) throws Broken {
        ByteBuf all = in;
        if (rest.isReadable()) {
            all = rest.writeBytes(in);
            in.release();
            rest = Unpooled.EMPTY_BUFFER;
        }
        boolean kept = false;
        try {
            while (!closed && frame(all, sink)) {}
            kept = !closed && all.isReadable() && keep(all, all != in);
        } finally {
            if (!kept) {
                all.release();
            }
        }
    }

    /** True: the buffer itself is kept. Not the one that the network was read into, which is large. */
    private boolean keep(ByteBuf all, boolean own) {
        if (own && all.readerIndex() == 0) {
            rest = all;
            return true;
        }
        rest = all.alloc().buffer(all.readableBytes()).writeBytes(all);
        return false;
    }

    /** False: the next frame is not whole yet. */
    private boolean frame(ByteBuf in, Sink sink) throws Broken {
        int at = in.readerIndex();
        int available = in.readableBytes();
        if (available < 2) {
            return false;
        }
        int first = in.getByte(at) & 0xff;
        int second = in.getByte(at + 1) & 0xff;
        int opcode = first & 0x0f;
        int shortLength = second & 0x7f;
        checkHeader(first, second, opcode, shortLength);
        int lengthBytes = shortLength == 127 ? 8 : shortLength == 126 ? 2 : 0;
        int header = 2 + lengthBytes + MASK_BYTES;
        if (available < 2 + lengthBytes) {
            return false;
        }
        long length = switch (lengthBytes) {
            case 0 -> shortLength;
            case 2 -> in.getUnsignedShort(at + 2);
            default -> in.getLong(at + 2);
        };
        checkLength(length, opcode);
        if (available < header + length) {
            return false;
        }
        int size = (int) length;
        byte[] content = opcode > BINARY ? new byte[size] : scratch.atLeast(size);
        in.getBytes(at + header, content, 0, size);
        unmask(content, size, in.getInt(at + header - MASK_BYTES));
        in.readerIndex(at + header + size);
        take(opcode, (first & FIN) != 0, content, size, sink);
        return true;
    }

    private void checkHeader(int first, int second, int opcode, int shortLength) throws Broken {
        if ((first & RESERVED) != 0) {
            throw new Broken(PROTOCOL_ERROR, "no extension was agreed on");
        }
        if ((second & MASKED) == 0) {
            throw new Broken(PROTOCOL_ERROR, "frames of clients must be masked");
        }
        switch (opcode) {
            case TEXT, BINARY -> {
                if (fragmented != 0) {
                    throw new Broken(PROTOCOL_ERROR, "a new message within a fragmented one");
                }
            }
            case CONTINUATION -> {
                if (fragmented == 0) {
                    throw new Broken(PROTOCOL_ERROR, "a continuation of nothing");
                }
            }
            case CLOSE, PING, PONG -> {
                if ((first & FIN) == 0 || shortLength > MAX_CONTROL) {
                    throw new Broken(PROTOCOL_ERROR, "a control frame that is fragmented or too long");
                }
            }
            default -> throw new Broken(PROTOCOL_ERROR, "unknown opcode " + opcode);
        }
    }

    private void checkLength(long length, int opcode) throws Broken {
        if (length < 0 || opcode <= BINARY && length + fragments.readableBytes() > maxMessage) {
            throw new Broken(TOO_BIG, "message too big, allowed are " + maxMessage + " bytes");
        }
    }

    private static void unmask(byte[] content, int length, int mask) {
        long wide = (long) mask << 32 | mask & 0xffff_ffffL;
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            LONG.set(content, i, (long) LONG.get(content, i) ^ wide);
        }
        for (; i < length; i++) {
            content[i] ^= (byte) (mask >>> 24 - 8 * (i & 3));
        }
    }

    private void take(int opcode, boolean last, byte[] content, int length, Sink sink) throws Broken {
        switch (opcode) {
            case PING -> sink.ping(content);
            case PONG -> {}
            case CLOSE -> {
                closed = true;
                sink.close(closeCode(content));
            }
            case CONTINUATION -> {
                fragments.writeBytes(content, 0, length);
                if (last) {
                    joined(sink);
                }
            }
            default -> {
                if (last) {
                    sink.message(opcode == TEXT, content, length);
                } else {
                    fragmented = opcode;
                    fragments = Unpooled.buffer(length * 2).writeBytes(content, 0, length);
                }
            }
        }
    }

    private void joined(Sink sink) {
        int length = fragments.readableBytes();
        byte[] whole = scratch.atLeast(length);
        fragments.readBytes(whole, 0, length);
        fragments = Unpooled.EMPTY_BUFFER;
        boolean text = fragmented == TEXT;
        fragmented = 0;
        sink.message(text, whole, length);
    }

    private static int closeCode(byte[] content) throws Broken {
        if (content.length == 0) {
            return NO_CODE;
        }
        if (content.length == 1) {
            throw new Broken(PROTOCOL_ERROR, "a closing frame with half a code");
        }
        checkUtf8(content, 2);
        int code = (content[0] & 0xff) << 8 | content[1] & 0xff;
        // RFC 6455, section 7.4: 1004 to 1006 and 1015 are never sent, 1016 to 2999 are reserved.
        boolean sendable = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006) || code >= 3000 && code <= 4999;
        if (!sendable) {
            throw new Broken(PROTOCOL_ERROR, "a closing frame with code " + code);
        }
        return code;
    }

    private static void checkUtf8(byte[] content, int from) throws Broken {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content, from, content.length - from));
        } catch (CharacterCodingException e) {
            throw new Broken(INVALID_PAYLOAD, "text that is not UTF-8");
        }
    }

    /** Gives back what is held. Nothing is read any more. */
    void release() {
        closed = true;
        rest.release();
        rest = Unpooled.EMPTY_BUFFER;
        fragments = Unpooled.EMPTY_BUFFER;
    }
}
