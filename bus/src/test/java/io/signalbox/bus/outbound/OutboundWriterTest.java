package io.signalbox.bus.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutboundWriterTest {
    private static final Duration SLOW = Duration.ofSeconds(10);

    /** A transport that takes as many batches as it is told to. */
    private class FakeSink implements OutboundSink {
        final List<List<String>> batches = new ArrayList<>();
        private List<String> open = new ArrayList<>();
        private final List<Integer> unsent = new ArrayList<>();
        private int room = Integer.MAX_VALUE;
        private int expired;

        @Override
        public boolean isWritable() {
            return room > 0;
        }

        @Override
        public void message(int agent, EncodedMessage message) {
            open.add(agent + ":" + message.decode().getType());
            expired += message.expired(now.toEpochMilli() * 1_000) ? 1 : 0;
        }

        @Override
        public void control(int agent, long ref, int kind, byte[] body) {
            open.add(agent + ":control" + kind);
        }

        @Override
        public void unsent(int agent) {
            unsent.add(agent);
        }

        @Override
        public void flush() {
            batches.add(open);
            open = new ArrayList<>();
            room--;
        }

        @Override
        public void discard() {
            open = new ArrayList<>();
        }
    }

    private final FakeSink sink = new FakeSink();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ArrayDeque<Runnable> nextTurn = new ArrayDeque<>();
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private OutboundWriter writer(long maxBytes) {
        return writer(sink, maxBytes);
    }

    private OutboundWriter writer(OutboundSink sink, long maxBytes) {
        OutboundQueues queues = new OutboundQueues(new OutboundLimits(maxBytes, SLOW), new OutboundMetrics(meters));
        return new OutboundWriter(nextTurn::add, sink, queues, () -> now);
    }

    private void turn() {
        while (!nextTurn.isEmpty()) {
            nextTurn.poll().run();
        }
    }

    private static EncodedMessage message(int priority, String type) {
        return EncodedMessage.of(
                Message.newBuilder().setPriority(priority).setType(type).build());
    }

    @Test
    void shouldFlushOnceForAllThatATurnBrings() {
        OutboundWriter writer = writer(100_000);
        writer.message(1, message(5, "a"));
        writer.message(2, message(5, "b"));
        writer.control(1, 9, 11, new byte[0]);
        assertThat(sink.batches).as("nothing before the turn ends").isEmpty();

        turn();

        assertThat(sink.batches).containsExactly(List.of("1:control11", "1:a", "2:b"));
    }

    @Test
    void shouldWaitWhileTheTransportIsFullAndThenGoOn() {
        OutboundWriter writer = writer(100_000);
        sink.room = 0;
        writer.message(1, message(5, "a"));
        turn();
        assertThat(sink.batches).isEmpty();

        sink.room = 1;
        writer.onWritable();

        assertThat(sink.batches).containsExactly(List.of("1:a"));
        assertThat(writer.waitingBytes()).isZero();
    }

    @Test
    void shouldWriteBigQueuesInSeveralBatches() {
        OutboundWriter writer = writer(10_000_000);
        for (int i = 0; i < 40; i++) {
            writer.message(1, message(5, "x".repeat(10_000)));
        }

        turn();

        assertThat(sink.batches).hasSizeBetween(5, 8);
        assertThat(sink.batches.stream().mapToInt(List::size).sum()).isEqualTo(40);
    }

    @Test
    void shouldDropAndCountWhenTheClientIsSlow() {
        OutboundWriter writer = writer(1_000);
        sink.room = 0;

        for (int i = 0; i < 100; i++) {
            writer.message(1, message(1, "bulk" + i));
        }

        assertThat(writer.waitingBytes()).isLessThanOrEqualTo(1_000);
        assertThat(meters.counter("signalbox.bus.outbound.dropped", "lane", "bulk")
                        .count())
                .isGreaterThan(50);
    }

    @Test
    void shouldTellWhoseMessagesDoNotGoOut() {
        OutboundWriter writer = writer(300);
        writer.message(
                1,
                EncodedMessage.of(Message.newBuilder()
                        .setPriority(9)
                        .setTime(now.toEpochMilli() * 1_000)
                        .setTtlMs(5)
                        .build()));
        writer.message(2, message(1, "is dropped"));
        writer.message(3, message(5, "x".repeat(100)));
        assertThat(sink.unsent).containsExactly(2);
        now = now.plusMillis(6);

        turn();

        assertThat(sink.unsent).containsExactly(2, 1);
    }

    @Test
    void shouldSayWhoseMessagesWait() {
        OutboundWriter writer = writer(10_000);
        sink.room = 0;
        List<Integer> waiting = new ArrayList<>();
        writer.control(9, 0, 4, new byte[1]);
        writer.message(1, message(1, "bulk"));
        writer.message(2, message(9, "urgent"));
        writer.message(1, message(5, "normal"));

        writer.forEachMessage(waiting::add);

        assertThat(waiting).containsExactlyInAnyOrder(1, 1, 2);
    }

    @Test
    void shouldCallAClientSlowOnceItStaysAtItsBound() {
        OutboundWriter writer = writer(200);
        sink.room = 0;
        for (int i = 0; i < 10; i++) {
            writer.message(1, message(1, "m"));
        }
        assertThat(writer.isSlow(now.plus(SLOW))).isFalse();
        assertThat(writer.isSlow(now.plus(SLOW).plusMillis(1))).isTrue();

        sink.room = 10;
        writer.onWritable();

        assertThat(writer.isSlow(now.plus(SLOW).plusMillis(1)))
                .as("it caught up")
                .isFalse();
    }

    @Test
    void shouldSayWhenControlHasNoRoom() {
        OutboundWriter writer = writer(100);
        sink.room = 0;
        assertThat(writer.control(1, 0, 4, new byte[30])).isEqualTo(OfferResult.ACCEPTED);

        assertThat(writer.control(1, 0, 4, new byte[30])).isEqualTo(OfferResult.BACK_PRESSURED);
    }

    @Test
    void shouldNotWriteWhatExpiredWhileItWaited() {
        OutboundWriter writer = writer(100_000);
        long micros = now.getEpochSecond() * 1_000_000;
        writer.message(
                1,
                EncodedMessage.of(Message.newBuilder()
                        .setType("late")
                        .setTime(micros)
                        .setTtlMs(5)
                        .build()));
        writer.message(1, message(5, "good"));
        now = now.plusMillis(6);

        turn();

        assertThat(sink.batches).containsExactly(List.of("1:good"));
    }

    @Test
    void shouldTakeAndWriteNothingOnceItIsClosed() {
        OutboundWriter writer = writer(100_000);
        writer.message(1, message(5, "a"));

        writer.close();
        turn();

        assertThat(sink.batches).isEmpty();
        assertThat(writer.message(1, message(5, "b"))).isEqualTo(OfferResult.CLOSED);
    }

    @Test
    void shouldCountWhatStillWaitedWhenItIsClosed() {
        OutboundWriter writer = writer(100_000);
        sink.room = 0;
        writer.message(1, message(5, "a"));
        writer.message(1, message(1, "b"));
        writer.control(1, 0, 4, new byte[0]);

        writer.close();
        writer.close();

        assertThat(droppedCount()).isEqualTo(2);
    }

    /** A queue of four equal messages, of which a batch takes one. */
    private OutboundWriter fullOfFour() {
        EncodedMessage big = message(1, "x".repeat(70_000));
        OutboundWriter writer = writer(4L * new Outgoing.OutgoingMessage(1, big).size());
        sink.room = 0;
        for (int i = 0; i < 4; i++) {
            writer.message(1, big);
        }
        return writer;
    }

    @Test
    void shouldNotCallAClientSlowThatOnlyHasALotToTake() {
        OutboundWriter writer = fullOfFour();

        assertThat(writer.isSlow(now.plus(SLOW.multipliedBy(10)))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, false"})
    void shouldForgetThatAClientWasSlowOnceItsQueueIsHalfEmpty(int written, boolean slow) {
        OutboundWriter writer = fullOfFour();
        writer.message(1, message(1, "x".repeat(70_000)));

        sink.room = written;
        writer.onWritable();

        assertThat(writer.isSlow(now.plus(SLOW).plusMillis(1))).isEqualTo(slow);
    }

    @Test
    void shouldCountFromTheFirstTimeAtTheBound() {
        OutboundWriter writer = fullOfFour();
        Instant first = now;
        writer.message(1, message(1, "drops the oldest"));

        now = now.plus(SLOW);
        writer.message(1, message(1, "x".repeat(70_000)));

        assertThat(writer.isSlow(first.plus(SLOW).plusMillis(1))).isTrue();
    }

    @Test
    void shouldCallAClientSlowThatHasNoRoomForControl() {
        OutboundWriter writer = writer(100);
        sink.room = 0;
        writer.control(1, 0, 4, new byte[30]);
        writer.control(1, 0, 4, new byte[30]);

        assertThat(writer.isSlow(now.plus(SLOW).plusMillis(1))).isTrue();
    }

    @Test
    void shouldScheduleOneTaskATurnAndNoneWhileTheTransportIsFull() {
        OutboundWriter writer = writer(100_000);
        writer.message(1, message(5, "a"));
        writer.message(1, message(5, "b"));
        assertThat(nextTurn).hasSize(1);
        turn();
        writer.message(1, message(5, "c"));
        assertThat(nextTurn).as("the next turn has its own").hasSize(1);
        turn();

        sink.room = 0;
        writer.message(1, message(5, "d"));
        assertThat(nextTurn).isEmpty();
        assertThat(sink.batches).containsExactly(List.of("1:a", "1:b"), List.of("1:c"));
    }

    @Test
    void shouldWriteNothingMoreWhenTheSinkClosesItInTheMiddle() {
        OutboundWriter[] writer = new OutboundWriter[1];
        OutboundSink closing = new OutboundSink() {
            @Override
            public boolean isWritable() {
                return true;
            }

            @Override
            public void message(int agent, EncodedMessage message) {
                sink.message(agent, message);
            }

            @Override
            public void control(int agent, long ref, int kind, byte[] body) {
                sink.control(agent, ref, kind, body);
            }

            @Override
            public void flush() {
                sink.flush();
                writer[0].close();
            }

            @Override
            public void discard() {
                sink.discard();
            }
        };
        writer[0] = writer(closing, 1_000_000);
        writer[0].message(1, message(5, "x".repeat(70_000)));
        writer[0].message(1, message(5, "y".repeat(70_000)));

        turn();

        assertThat(sink.batches).hasSize(1);
    }

    @Test
    void shouldNotMixABatchThatFailedIntoTheNextOne() {
        FakeSink broken = new FakeSink() {
            @Override
            public void control(int agent, long ref, int kind, byte[] body) {
                super.control(agent, ref, kind, body);
                throw new IllegalStateException("no memory for it");
            }
        };
        OutboundWriter writer = writer(broken, 10_000);
        writer.control(1, 0, 4, new byte[0]);
        assertThatThrownBy(this::turn).isInstanceOf(IllegalStateException.class);

        writer.message(1, message(5, "next"));
        turn();

        assertThat(broken.batches).containsExactly(List.of("1:next"));
    }

    @Test
    void shouldShareQueuesWithTheOtherConnectionsOfItsEventLoop() {
        OutboundQueues queues = new OutboundQueues(new OutboundLimits(10_000, SLOW), new OutboundMetrics(meters));
        FakeSink other = new FakeSink();
        OutboundWriter first = new OutboundWriter(nextTurn::add, sink, queues, () -> now);
        OutboundWriter second = new OutboundWriter(nextTurn::add, other, queues, () -> now);
        sink.room = 0;
        first.message(1, message(5, "waits"));
        for (int i = 0; i < 3; i++) {
            second.message(2, message(5, "goes" + i));
            turn();
        }
        second.message(2, message(5, "is forgotten"));
        second.close();

        sink.room = 1;
        first.onWritable();

        assertThat(other.batches).containsExactly(List.of("2:goes0"), List.of("2:goes1"), List.of("2:goes2"));
        assertThat(sink.batches).containsExactly(List.of("1:waits"));
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "-1, 1000", "1, -1"})
    void shouldRefuseLimitsThatAreNone(long maxBytes, long slowMillis) {
        assertThatThrownBy(() -> new OutboundLimits(maxBytes, Duration.ofMillis(slowMillis)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private double droppedCount() {
        return Stream.of("urgent", "normal", "bulk")
                .mapToDouble(lane -> meters.counter("signalbox.bus.outbound.dropped", "lane", lane)
                        .count())
                .sum();
    }

    private long written() {
        return sink.batches.stream().mapToLong(List::size).sum();
    }

    /** A message that expires after some milliseconds, or never. */
    private EncodedMessage expiring(Random random, int number) {
        return EncodedMessage.of(Message.newBuilder()
                .setPriority(random.nextInt(10))
                .setType(number + "x".repeat(random.nextInt(60)))
                .setTime(now.toEpochMilli() * 1_000)
                .setTtlMs(random.nextInt(4) * 10)
                .build());
    }

    @Test
    void shouldAccountForEveryMessageWhateverTheTransportDoes() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            sink.batches.clear();
            sink.expired = 0;
            double droppedBefore = droppedCount();
            OutboundWriter writer = writer(1_500);
            long accepted = 0;
            long mayExpire = 0;
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> turn();
                    case 1 -> sink.room = random.nextInt(3);
                    case 2 -> writer.onWritable();
                    case 3 -> now = now.plusMillis(random.nextInt(15));
                    default -> {
                        EncodedMessage message = expiring(random, step);
                        boolean taken = writer.message(1, message) == OfferResult.ACCEPTED;
                        accepted += taken ? 1 : 0;
                        mayExpire += taken && message.expired(Long.MAX_VALUE) ? 1 : 0;
                    }
                }
                assertThat(writer.waitingBytes()).as("seed %d", seed).isBetween(0L, 1_500L);
                assertThat(nextTurn).as("seed %d, step %d", seed, step).hasSizeLessThanOrEqualTo(1);
            }
            sink.room = Integer.MAX_VALUE;
            writer.onWritable();
            turn();

            long gone = accepted - written() - (long) (droppedCount() - droppedBefore);
            assertThat(writer.waitingBytes()).as("seed %d", seed).isZero();
            assertThat(gone)
                    .as("seed %d: expired, and nothing else is gone", seed)
                    .isBetween(0L, mayExpire);
            assertThat(sink.expired)
                    .as("seed %d: nothing was written late", seed)
                    .isZero();
        }
    }

    @Test
    void shouldForgetControlsOfAKindAndNoOthers() {
        OutboundWriter writer = writer(1_000);
        sink.room = 0;
        writer.control(1, 0, 17, new byte[10]);
        writer.control(1, 0, 11, new byte[10]);
        writer.control(2, 0, 17, new byte[10]);

        writer.removeControls(17);

        assertThat(writer.waitingBytes()).isEqualTo(10 + Outgoing.OVERHEAD);
        sink.room = 1;
        writer.onWritable();
        assertThat(sink.batches).containsExactly(List.of("1:control11"));
        assertThat(writer.waitingBytes()).isZero();
    }
}
