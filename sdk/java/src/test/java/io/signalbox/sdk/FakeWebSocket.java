package io.signalbox.sdk;

import io.signalbox.codecs.proto.Frame;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** Takes frames, completes each write when told to; allows no two writes at once, like the real one. */
final class FakeWebSocket implements WebSocket {
    final List<Frame> frames = new CopyOnWriteArrayList<>();
    final LinkedBlockingQueue<CompletableFuture<WebSocket>> writes = new LinkedBlockingQueue<>();
    private volatile boolean immediate;
    private volatile CompletableFuture<WebSocket> last = CompletableFuture.completedFuture(this);

    FakeWebSocket writingAtOnce() {
        immediate = true;
        return this;
    }

    @Override
    public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean end) {
        if (!last.isDone()) {
            throw new IllegalStateException("a write is pending");
        }
        try {
            frames.add(Frame.parseFrom(data));
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e);
        }
        last = immediate ? CompletableFuture.completedFuture(this) : new CompletableFuture<>();
        writes.add(last);
        return last;
    }

    int entries() {
        return frames.stream().mapToInt(Frame::getEntriesCount).sum();
    }

    @Override
    public CompletableFuture<WebSocket> sendText(CharSequence data, boolean end) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<WebSocket> sendClose(int statusCode, String reason) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void request(long n) {}

    @Override
    public String getSubprotocol() {
        return "";
    }

    @Override
    public boolean isOutputClosed() {
        return false;
    }

    @Override
    public boolean isInputClosed() {
        return false;
    }

    @Override
    public void abort() {}
}
