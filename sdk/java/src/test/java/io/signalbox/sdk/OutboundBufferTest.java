package io.signalbox.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class OutboundBufferTest {
    private final FakeWebSocket socket = new FakeWebSocket();
    private final OutboundBuffer buffer = new OutboundBuffer();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    OutboundBufferTest() {
        buffer.open(socket, failure::set);
    }

    private static Entry entry(long ref, int payloadBytes) {
        return Entry.newBuilder()
                .setRef(ref)
                .setMessage(Message.newBuilder().setPayload(ByteString.copyFrom(new byte[payloadBytes])))
                .build();
    }

    private void completeNextWrite() throws InterruptedException {
        socket.writes.poll(10, TimeUnit.SECONDS).complete(socket);
    }

    @Test
    void shouldWriteAtOnceWhenIdle() throws Exception {
        buffer.add(entry(1, 10));

        assertThat(socket.frames).hasSize(1);
    }

    @Test
    void shouldCollectInOneFrameWhatComesDuringAWrite() throws Exception {
        buffer.add(entry(1, 10));
        for (int ref = 2; ref <= 51; ref++) {
            buffer.add(entry(ref, 10));
        }

        completeNextWrite();

        assertThat(socket.frames).hasSize(2);
        assertThat(socket.frames.get(1).getEntriesList())
                .extracting(Entry::getRef)
                .hasSize(50)
                .isSorted();
    }

    @Test
    void shouldKeepFramesWithinTheNodesLimit() throws Exception {
        buffer.limitFrames(1000);
        buffer.add(entry(1, 400));
        for (int ref = 2; ref <= 11; ref++) {
            buffer.add(entry(ref, 400));
        }

        while (socket.entries() < 11) {
            completeNextWrite();
        }

        assertThat(socket.frames).extracting(Frame::getSerializedSize).allMatch(size -> size <= 1000);
    }

    @Test
    void shouldRefuseAnEntryThatNoFrameCanCarry() {
        buffer.limitFrames(1000);

        assertThatThrownBy(() -> buffer.add(entry(1, 1001)))
                .isInstanceOfSatisfying(
                        SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.TOO_LARGE));
        assertThat(socket.frames).isEmpty();
    }

    @Test
    void shouldMakeTheSenderWaitAtTheBoundAndLetItGoOnWhenThereIsRoom() throws Exception {
        int bytes = 60_000;
        List<Entry> sent = new ArrayList<>();
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                for (int ref = 1; ref <= 40; ref++) {
                    sent.add(entry(ref, bytes));
                    buffer.add(sent.getLast());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        while (sender.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(sent).hasSizeLessThan(40);

        while (socket.entries() < 40) {
            completeNextWrite();
        }

        sender.join();
        assertThat(socket.frames.stream().flatMap(frame -> frame.getEntriesList().stream()))
                .extracting(Entry::getRef)
                .isSorted()
                .hasSize(40);
    }

    @Test
    void shouldFailWhoeverWaitsWhenTheConnectionIsLost() throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    buffer.add(entry(1, 60_000));
                }
            } catch (SignalboxException | InterruptedException e) {
                seen.complete(e);
            }
        });
        while (sender.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }

        buffer.close();

        assertThat(seen.get(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE));
    }

    @Test
    void shouldReportAFailedWrite() throws Exception {
        buffer.add(entry(1, 10));

        socket.writes.poll(10, TimeUnit.SECONDS).completeExceptionally(new IOException("cut"));

        assertThat(failure.get()).isInstanceOf(IOException.class);
    }

    @Test
    void shouldNotGrowTheStackWhenWritesCompleteAtOnce() throws Exception {
        socket.writingAtOnce();

        for (int ref = 1; ref <= 100_000; ref++) {
            buffer.add(entry(ref, 1));
        }

        assertThat(socket.entries()).isEqualTo(100_000);
    }

    @Test
    void shouldSayWhenEverythingIsWritten() throws Exception {
        buffer.add(entry(1, 10));
        Thread waiter = Thread.ofVirtual().start(() -> {
            try {
                buffer.awaitEmpty(Duration.ofSeconds(20));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(waiter.isAlive()).isTrue();

        completeNextWrite();

        waiter.join();
    }
}
