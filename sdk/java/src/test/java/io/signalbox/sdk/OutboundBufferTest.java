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
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        Eventually.waiting(sender);
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
        Eventually.waiting(sender);

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
        Eventually.waiting(waiter);

        completeNextWrite();

        waiter.join();
    }

    @Test
    void shouldNotWaitForeverUntilEverythingIsWritten() throws Exception {
        buffer.add(entry(1, 10));

        buffer.awaitEmpty(Duration.ofMillis(1));
        buffer.close();
        buffer.awaitEmpty(Duration.ofHours(1));
    }

    @Test
    void shouldTakeNothingAfterItsEnd() {
        buffer.close();

        assertThatThrownBy(() -> buffer.add(entry(1, 10)))
                .isInstanceOfSatisfying(
                        SignalboxException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE));
        assertThat(socket.frames).isEmpty();
    }

    @Test
    void shouldWriteNothingMoreOnceItIsClosedDuringAWrite() throws Exception {
        buffer.add(entry(1, 10));
        buffer.add(entry(2, 10));

        buffer.close();
        completeNextWrite();

        assertThat(socket.entries()).isEqualTo(1);
    }

    @Test
    void shouldWriteAtOnceAgainAfterItWasIdle() throws Exception {
        for (int ref = 1; ref <= 3; ref++) {
            buffer.add(entry(ref, 10));
            completeNextWrite();
        }

        assertThat(socket.frames).hasSize(3);
    }

    /** An entry's frame has its tag, its length and the entry: it may be exactly as large as allowed. */
    @Test
    void shouldCarryAnEntryThatFillsAFrameAlone() throws Exception {
        Entry large = entry(1, 100_000);
        buffer.limitFrames(large.getSerializedSize() + 6);
        buffer.add(entry(2, 10));
        buffer.add(large);
        buffer.add(entry(3, 10));

        while (socket.entries() < 3) {
            completeNextWrite();
        }

        assertThat(socket.frames).extracting(Frame::getEntriesCount).containsExactly(1, 1, 1);
        buffer.limitFrames(large.getSerializedSize() + 5);
        assertThatThrownBy(() -> buffer.add(large)).isInstanceOf(SignalboxException.class);
    }

    @Test
    void shouldWakeASenderThatIsInterruptedAtTheBound() throws Exception {
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
        Eventually.waiting(sender);

        sender.interrupt();

        assertThat(seen.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }

    /** The bound is given back in full: else senders would wait at an empty buffer after a while. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldKeepTheOrderOfEachOfManySendersAndLoseNothing(long seed) throws Exception {
        socket.writingAtOnce();
        int each = 2000;
        List<Thread> senders = new ArrayList<>();
        for (int sender = 0; sender < 4; sender++) {
            long first = sender * 1_000_000L;
            Random random = new Random(seed * 10 + sender);
            senders.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < each; i++) {
                        buffer.add(entry(first + i + 1, random.nextInt(2000)));
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread sender : senders) {
            sender.join();
        }
        buffer.awaitEmpty(Duration.ofSeconds(10));

        List<Long> refs = socket.frames.stream()
                .flatMap(frame -> frame.getEntriesList().stream())
                .map(Entry::getRef)
                .toList();
        assertThat(refs).as("seed %d", seed).hasSize(4 * each).doesNotHaveDuplicates();
        for (int sender = 0; sender < 4; sender++) {
            long first = sender * 1_000_000L;
            assertThat(refs.stream().filter(ref -> ref > first && ref < first + 1_000_000))
                    .as("seed %d", seed)
                    .isSorted();
        }
    }
}
