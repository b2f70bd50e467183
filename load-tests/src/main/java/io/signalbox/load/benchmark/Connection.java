package io.signalbox.load.benchmark;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signalbox.bus.OfferResult;
import io.signalbox.bus.outbound.OutboundLimits;
import io.signalbox.bus.outbound.OutboundMetrics;
import io.signalbox.bus.outbound.OutboundQueues;
import io.signalbox.bus.outbound.OutboundSink;
import io.signalbox.bus.outbound.OutboundWriter;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.EntryKind;
import io.signalbox.codecs.FrameWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;

/** A connection's way out without the network: batches go into an array. The turns of its event loop are the benchmark's. */
final class Connection implements OutboundSink, Executor {
    private static final long MAX_OUTBOUND = 1 << 20;

    private final byte[] batch = new byte[(int) MAX_OUTBOUND];
    private final OutboundWriter writer = new OutboundWriter(
            this,
            this,
            new OutboundQueues(
                    new OutboundLimits(MAX_OUTBOUND, Duration.ofSeconds(10)),
                    new OutboundMetrics(new SimpleMeterRegistry())),
            InstantSource.system());
    private Runnable afterTurn = () -> {};
    private int length;
    private long flushed;

    OfferResult add(EncodedMessage message) {
        return writer.message(Sample.HANDLE, message);
    }

    /**
     * Ends the turn of the event loop.
     *
     * @return bytes flushed up to now
     */
    long endTurn() {
        afterTurn.run();
        return flushed;
    }

    @Override
    public void execute(Runnable task) {
        afterTurn = task;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void message(int agent, EncodedMessage message) {
        append(agent, 0, EntryKind.MESSAGE, message.bytes());
    }

    @Override
    public void control(int agent, long ref, int kind, byte[] body) {
        append(agent, ref, kind, body);
    }

    private void append(int agent, long ref, int kind, byte[] body) {
        int at = FrameWriter.prefix(batch, length, agent, ref, kind, body.length);
        System.arraycopy(body, 0, batch, at, body.length);
        length = at + body.length;
    }

    @Override
    public void flush() {
        flushed += length;
        length = 0;
    }

    @Override
    public void discard() {
        length = 0;
    }
}
