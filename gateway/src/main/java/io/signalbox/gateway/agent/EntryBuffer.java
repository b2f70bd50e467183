package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.signalbox.codecs.FrameWriter;

/**
 * A batch of encoded entries that becomes one WebSocket frame, written where it was collected. Holds no batch's memory while
 * it is empty. Not thread-safe.
 */
final class EntryBuffer {
    private final ByteBufAllocator allocator;
    private final byte[] prefix = new byte[FrameWriter.MAX_PREFIX];
    private ByteBuf batch = Unpooled.EMPTY_BUFFER;
    private int entries;

    EntryBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    void appendProto(int agent, long ref, int kind, byte[] body) {
        int prefixLength = FrameWriter.prefix(prefix, 0, agent, ref, kind, body.length);
        reserve(prefixLength + body.length);
        batch.writeBytes(prefix, 0, prefixLength).writeBytes(body);
    }

    /** Several become a JSON array. */
    void appendJson(byte[] entry) {
        reserve(entry.length + 1);
        batch.writeByte(entries == 1 ? '[' : ',').writeBytes(entry);
    }

    private void reserve(int bytes) {
        if (entries++ == 0) {
            batch = allocator.buffer(WebSocketFrames.MAX_HEADER + bytes);
            batch.writerIndex(WebSocketFrames.MAX_HEADER).readerIndex(WebSocketFrames.MAX_HEADER);
        }
    }

    /** The caller's to release; the batch begins anew. */
    ByteBuf takeProto() {
        return WebSocketFrames.withHeader(take(), WebSocketFrames.BINARY);
    }

    /** Likewise. */
    ByteBuf takeJson() {
        if (entries == 1) {
            return WebSocketFrames.withHeader(take().skipBytes(1), WebSocketFrames.TEXT);
        }
        batch.writeByte(']');
        return WebSocketFrames.withHeader(take(), WebSocketFrames.TEXT);
    }

    private ByteBuf take() {
        ByteBuf taken = batch;
        batch = Unpooled.EMPTY_BUFFER;
        entries = 0;
        return taken;
    }

    boolean isEmpty() {
        return entries == 0;
    }

    void release() {
        take().release();
    }
}
