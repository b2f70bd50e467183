package io.signalbox.bus.outbound;

import io.signalbox.bus.OfferResult;
import io.signalbox.codecs.EncodedMessage;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The messages of an agent that takes only as many as it granted credit for. The others wait here, with the lanes and the
 * bound of an {@link OutboundQueue}. Not thread-safe.
 */
public final class CreditQueue {
    /** As much as one entry can grant; nobody needs to save up more. */
    static final long MAX_CREDIT = 0xffff_ffffL;

    private final int agent;
    private final Function<EncodedMessage, OfferResult> next;
    private final Consumer<Outgoing> dropped;
    private final OutboundQueue waiting;
    private long credit;

    /**
     * @param maxBytes what may wait
     * @param next takes what there is credit for; what it does not accept is lost and uses no credit
     */
    public CreditQueue(int agent, long maxBytes, OutboundMetrics metrics, Function<EncodedMessage, OfferResult> next) {
        this.agent = agent;
        this.next = next;
        this.dropped = item -> metrics.dropped(item.lane());
        this.waiting = new OutboundQueue(maxBytes);
    }

    /** Passes it on, or lets it wait; what finds no room is dropped and counted. */
    public void message(EncodedMessage message) {
        if (credit > 0 && waiting.isEmpty()) {
            pass(message);
            return;
        }
        Outgoing item = new Outgoing.OutgoingMessage(agent, message);
        if (!waiting.add(item, dropped)) {
            dropped.accept(item);
        }
    }

    /** How many messages would be passed on now. */
    public long available() {
        return waiting.isEmpty() ? Math.max(credit, 0) : 0;
    }

    private boolean pass(EncodedMessage message) {
        boolean accepted = next.apply(message) == OfferResult.ACCEPTED;
        credit -= accepted ? 1 : 0;
        return accepted;
    }

    /** The agent takes so many more. */
    public void grant(long messages, Instant now) {
        credit += Math.min(messages, MAX_CREDIT - credit);
        release(now);
    }

    /**
     * Something that was passed on does not go out, and so uses no credit.
     *
     * @return whether there is something to {@link #release}, once what {@code next} is doing is done
     */
    public boolean giveBack() {
        credit++;
        return credit > 0 && !waiting.isEmpty();
    }

    /** Nothing is granted any more. */
    public void revoke() {
        credit = 0;
    }

    /** The agent is gone: nothing is granted any more, and what waits counts as dropped. */
    public void close() {
        revoke();
        for (Optional<Outgoing> item = waiting.poll(); item.isPresent(); item = waiting.poll()) {
            dropped.accept(item.get());
        }
    }

    /** Something that was passed on before counts against what will be granted. */
    public void owe() {
        credit--;
    }

    /** Passes on what waits, as far as the credit goes; what has expired is dropped. */
    public void release(Instant now) {
        long nowMicros = EncodedMessage.micros(now);
        // Not more than there was at the beginning: each that goes out may push out another, which gives its credit
        // back.
        long left = credit;
        while (left > 0) {
            Optional<Outgoing> item = waiting.poll();
            if (item.isEmpty()) {
                return;
            }
            if (item.get() instanceof Outgoing.OutgoingMessage(int ignored, EncodedMessage message)
                    && !message.expired(nowMicros)
                    && pass(message)) {
                left--;
            }
        }
    }
}
