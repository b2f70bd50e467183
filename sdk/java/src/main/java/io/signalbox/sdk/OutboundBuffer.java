package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Entries on their way out. While one frame is being written the next ones collect and go as one; an idle connection
 * waits for nothing. Bounded in bytes: {@link #add} waits for room. Thread-safe.
 */
final class OutboundBuffer {
    private static final int MAX_WAITING_BYTES = 1024 * 1024;
    private static final int BATCH_BYTES = 64 * 1024;

    /** Tag and length of an entry in its frame. */
    private static final int ENTRY_OVERHEAD = 6;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private int maxFrameBytes = BATCH_BYTES;
    private boolean writing;
    private boolean closed;
    private Optional<WebSocket> sink = Optional.empty();
    private Consumer<Throwable> onFailure = failure -> {};

    void open(WebSocket sink, Consumer<Throwable> onFailure) {
        lock.lock();
        try {
            this.sink = Optional.of(sink);
            this.onFailure = onFailure;
        } finally {
            lock.unlock();
        }
    }

    void limitFrames(int maxBytes) {
        lock.lock();
        try {
            maxFrameBytes = maxBytes;
        } finally {
            lock.unlock();
        }
    }

    /** @throws SignalboxException when the entry is larger than a frame may be, or the connection is gone */
    void add(Entry entry) throws InterruptedException {
        int size = entry.getSerializedSize() + ENTRY_OVERHEAD;
        lock.lockInterruptibly();
        try {
            if (size > maxFrameBytes) {
                throw new SignalboxException(
                        Code.TOO_LARGE, "an entry of " + size + " bytes, the node takes frames of " + maxFrameBytes);
            }
            while (!closed && waitingBytes > 0 && waitingBytes + size > MAX_WAITING_BYTES) {
                changed.await();
            }
            if (closed) {
                throw new SignalboxException(Code.UNAVAILABLE, "the connection was lost");
            }
            waiting.add(entry);
            waitingBytes += size;
            if (writing) {
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        write();
    }

    private void write() {
        for (Optional<Frame> frame = take(); frame.isPresent(); frame = take()) {
            CompletableFuture<WebSocket> written =
                    sink.orElseThrow().sendBinary(ByteBuffer.wrap(frame.get().toByteArray()), true);
            if (!written.isDone() || written.isCompletedExceptionally()) {
                written.whenComplete(this::afterWrite);
                return;
            }
        }
    }

    private void afterWrite(WebSocket ignored, Throwable failure) {
        if (failure == null) {
            write();
        } else {
            onFailure.accept(failure);
        }
    }

    private Optional<Frame> take() {
        lock.lock();
        try {
            if (closed || waiting.isEmpty()) {
                writing = false;
                changed.signalAll();
                return Optional.empty();
            }
            Frame.Builder frame = Frame.newBuilder();
            int limit = Math.min(maxFrameBytes, BATCH_BYTES);
            int size = 0;
            while (!waiting.isEmpty()) {
                int next = waiting.peek().getSerializedSize() + ENTRY_OVERHEAD;
                if (size > 0 && size + next > limit) {
                    break;
                }
                frame.addEntries(waiting.poll());
                size += next;
            }
            waitingBytes -= size;
            changed.signalAll();
            return Optional.of(frame.build());
        } finally {
            lock.unlock();
        }
    }

    void awaitEmpty(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lockInterruptibly();
        try {
            while (!closed && writing && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops what waits and wakes whoever waits for room. */
    void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            waitingBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
