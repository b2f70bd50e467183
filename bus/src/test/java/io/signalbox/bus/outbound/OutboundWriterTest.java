package io.signalbox.bus.outbound;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.proto.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboundWriterTest {
    private static final Duration SLOW = Duration.ofSeconds(10);

    /** A transport that takes as many batches as it is told to. */
    private static final class FakeSink implements OutboundSink {
        private final List<List<String>> batches = new ArrayList<>();
        private List<String> open = new ArrayList<>();
        private int room = Integer.MAX_VALUE;

        @Override
        public boolean isWritable() {
            return room > 0;
        }

        @Override
        public void message(int agent, EncodedMessage message) {
            open.add(agent + ":" + message.decode().getType());
        }

        @Override
        public void control(int agent, long ref, int kind, byte[] body) {
            open.add(agent + ":control" + kind);
        }

        @Override
        public void flush() {
            batches.add(open);
            open = new ArrayList<>();
            room--;
        }
    }

    private final FakeSink sink = new FakeSink();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ArrayDeque<Runnable> nextTurn = new ArrayDeque<>();
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    private OutboundWriter writer(long maxBytes) {
        return new OutboundWriter(
                nextTurn::add, sink, new OutboundLimits(maxBytes, SLOW), () -> now, new OutboundMetrics(meters));
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
}
