package io.signalbox.bus.outbound;

import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Writes to one connection: collects what the event loop's turn brings, then writes it in batches with one flush each, as
 * long as the transport takes it. Confined to the connection's event loop.
 */
public final class OutboundWriter implements Runnable {
    private static final int BATCH_BYTES = 64 * 1024;
    private static final int NO_SLOT = -1;

    private final Executor eventLoop;
    private final OutboundSink sink;
    private final OutboundQueues queues;
    private final InstantSource clock;
    private final Consumer<Outgoing> dropped = this::dropped;
    private int slot = NO_SLOT;
    private Optional<Instant> fullSince = Optional.empty();
    private boolean scheduled;
    private boolean closed;

    /**
     * @param eventLoop runs a task on the connection's event loop after what it is doing now
     * @param queues of the same event loop
     */
    public OutboundWriter(Executor eventLoop, OutboundSink sink, OutboundQueues queues, InstantSource clock) {
        this.eventLoop = eventLoop;
        this.sink = sink;
        this.queues = queues;
        this.clock = clock;
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
        if (slot == NO_SLOT) {
            slot = queues.take();
        }
        if (!queues.get(slot).add(item, dropped)) {
            markFull();
            return OfferResult.BACK_PRESSURED;
        }
        if (!scheduled && sink.isWritable()) {
            scheduled = true;
            eventLoop.execute(this);
        }
        return OfferResult.ACCEPTED;
    }

    private void dropped(Outgoing item) {
        queues.metrics().dropped(item.lane());
        markFull();
        sink.unsent(item.agent());
    }

    /** Writes what the turn brought; for the event loop to call. */
    @Override
    public void run() {
        scheduled = false;
        write();
    }

    /** The transport takes more again. */
    public void onWritable() {
        write();
    }

    private void write() {
        while (slot != NO_SLOT && sink.isWritable()) {
            writeBatch(queues.get(slot));
            giveBackWhenEmpty();
        }
        if (fullSince.isPresent() && waitingBytes() <= queues.limits().maxBytes() / 2) {
            fullSince = Optional.empty();
        }
    }

    private void writeBatch(OutboundQueue queue) {
        boolean whole = false;
        try {
            collect(queue, clock.instant());
            whole = true;
        } finally {
            if (!whole) {
                sink.discard();
            }
        }
        sink.flush();
    }

    /** The sink may have closed this writer meanwhile. */
    private void giveBackWhenEmpty() {
        if (slot != NO_SLOT && queues.get(slot).isEmpty()) {
            giveBack();
        }
    }

    private void giveBack() {
        queues.giveBack(slot);
        slot = NO_SLOT;
    }

    private void collect(OutboundQueue queue, Instant now) {
        long nowMicros = EncodedMessage.micros(now);
        int size = 0;
        while (size < BATCH_BYTES) {
            Optional<Outgoing> next = queue.poll();
            if (next.isEmpty()) {
                return;
            }
            size += next.get().size();
            switch (next.get()) {
                case Outgoing.OutgoingMessage(int agent, EncodedMessage message) -> {
                    if (message.expired(nowMicros)) {
                        sink.unsent(agent);
                    } else {
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
                .map(since -> since.plus(queues.limits().slowTimeout()).isBefore(now))
                .orElse(false);
    }

    /** Bytes that wait. */
    public long waitingBytes() {
        return slot == NO_SLOT ? 0 : queues.get(slot).bytes();
    }

    /** @param agent told of each message that waits whose it is */
    public void forEachMessage(IntConsumer agent) {
        if (slot != NO_SLOT) {
            queues.get(slot).forEachMessage(item -> agent.accept(item.agent()));
        }
    }

    /** Forgets controls of that kind that wait. */
    public void removeControls(int kind) {
        if (slot != NO_SLOT) {
            queues.get(slot).removeControls(kind);
            giveBackWhenEmpty();
        }
    }

    /** Nothing more is taken or written; messages that wait count as dropped. Idempotent. */
    public void close() {
        closed = true;
        if (slot != NO_SLOT) {
            queues.get(slot).forEachMessage(item -> queues.metrics().dropped(item.lane()));
            giveBack();
        }
    }
}
