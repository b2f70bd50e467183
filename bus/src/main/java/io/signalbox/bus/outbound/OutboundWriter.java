package io.signalbox.bus.outbound;

import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Writes to one connection: collects what the event loop's turn brings, then writes it in batches with one flush each, as
 * long as the transport takes it. Confined to the connection's event loop.
 */
public final class OutboundWriter {
    private static final int BATCH_BYTES = 64 * 1024;

    private final Executor eventLoop;
    private final OutboundSink sink;
    private final OutboundLimits limits;
    private final InstantSource clock;
    private final OutboundQueue queue;
    private Optional<Instant> fullSince = Optional.empty();
    private boolean scheduled;
    private boolean closed;

    /**
     * @param eventLoop runs a task on the connection's event loop after what it is doing now
     * @param metrics may be shared by all connections
     */
    public OutboundWriter(
            Executor eventLoop,
            OutboundSink sink,
            OutboundLimits limits,
            InstantSource clock,
            OutboundMetrics metrics) {
        this.eventLoop = eventLoop;
        this.sink = sink;
        this.limits = limits;
        this.clock = clock;
        this.queue = new OutboundQueue(limits.maxBytes(), item -> {
            metrics.dropped(item.lane());
            markFull();
        });
    }

    public OfferResult message(int agent, EncodedMessage message) {
        return add(new Outgoing.OutgoingMessage(agent, message));
    }

    /** @return {@code BACK_PRESSURED} when not even dropping all messages made room: the connection should be closed */
    public OfferResult control(int agent, long ref, int kind, byte[] body) {
        return add(new Outgoing.OutgoingControl(agent, ref, kind, body));
    }

    private OfferResult add(Outgoing item) {
        if (closed) {
            return OfferResult.CLOSED;
        }
        if (!queue.add(item)) {
            markFull();
            return OfferResult.BACK_PRESSURED;
        }
        if (!scheduled && sink.isWritable()) {
            scheduled = true;
            eventLoop.execute(this::writeTurn);
        }
        return OfferResult.ACCEPTED;
    }

    private void writeTurn() {
        scheduled = false;
        write();
    }

    /** The transport takes more again. */
    public void onWritable() {
        write();
    }

    private void write() {
        while (!closed && !queue.isEmpty() && sink.isWritable()) {
            writeBatch(clock.instant());
            sink.flush();
        }
        if (queue.bytes() <= limits.maxBytes() / 2) {
            fullSince = Optional.empty();
        }
    }

    private void writeBatch(Instant now) {
        long nowMicros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        int size = 0;
        while (size < BATCH_BYTES) {
            Optional<Outgoing> next = queue.poll();
            if (next.isEmpty()) {
                return;
            }
            size += next.get().size();
            switch (next.get()) {
                case Outgoing.OutgoingMessage(int agent, EncodedMessage message) -> {
                    if (!message.expired(nowMicros)) {
                        sink.message(agent, message);
                    }
                }
                case Outgoing.OutgoingControl(int agent, long ref, int kind, byte[] body) ->
                    sink.control(agent, ref, kind, body);
            }
        }
    }

    private void markFull() {
        if (fullSince.isEmpty()) {
            fullSince = Optional.of(clock.instant());
        }
    }

    /** Whether the queue has been at its limit for longer than it may. */
    public boolean isSlow(Instant now) {
        return fullSince
                .map(since -> since.plus(limits.slowTimeout()).isBefore(now))
                .orElse(false);
    }

    /** Bytes that wait. */
    public long waitingBytes() {
        return queue.bytes();
    }

    /** Nothing more is taken or written. Idempotent. */
    public void close() {
        closed = true;
    }
}
