package io.signalbox.load.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What clients saw, in a file outside of what is tested: on disk before a message is sent, and in the order in which it was
 * seen. One writer commits what waits as a group. Thread-safe.
 */
final class Journal implements AutoCloseable {
    private static final int MAX_WAITING = 100_000;
    private static final Entry END = new Entry(new byte[0], new CompletableFuture<>());

    private record Entry(byte[] line, CompletableFuture<Void> written) {}

    private final FileChannel file;
    private final BlockingQueue<Entry> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Thread writer;

    Journal(Path path) throws IOException {
        this.file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.writer = Thread.ofPlatform().name("journal").start(this::write);
    }

    /** Returns at once, unless very much waits. */
    CompletableFuture<Void> note(Observation observation) throws InterruptedException {
        Entry entry =
                new Entry((observation.text() + "\n").getBytes(StandardCharsets.UTF_8), new CompletableFuture<>());
        waiting.put(entry);
        return entry.written();
    }

    private void write() {
        List<Entry> group = new ArrayList<>();
        try {
            while (!group.contains(END)) {
                group.clear();
                group.add(waiting.take());
                waiting.drainTo(group);
                write(group);
            }
        } catch (IOException | RuntimeException e) {
            group.forEach(entry -> entry.written().completeExceptionally(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(List<Entry> group) throws IOException {
        int size = group.stream().mapToInt(entry -> entry.line().length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(size);
        group.forEach(entry -> bytes.put(entry.line()));
        bytes.flip();
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
        file.force(false);
        group.forEach(entry -> entry.written().complete(null));
    }

    @Override
    public void close() {
        try {
            waiting.put(END);
            writer.join();
            file.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
