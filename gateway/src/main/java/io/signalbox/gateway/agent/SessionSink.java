package io.signalbox.gateway.agent;

import io.signalbox.bus.outbound.OutboundSink;
import io.signalbox.codecs.EncodedMessage;
import java.util.Optional;
import java.util.function.IntConsumer;

/** A session's way out: to the connection it has now, or nowhere while it has none. Confined to the session's event loop. */
final class SessionSink implements OutboundSink {
    private final EntryBuffer batch;
    private final IntConsumer unsent;
    private Optional<AgentChannel> channel = Optional.empty();
    private boolean written;

    /**
     * @param batch of the event loop: between two calls of {@link #flush} it is this session's alone
     * @param unsent told whose a message is that does not go out
     */
    SessionSink(EntryBuffer batch, IntConsumer unsent) {
        this.batch = batch;
        this.unsent = unsent;
    }

    void connect(AgentChannel to) {
        channel = Optional.of(to);
    }

    /** Whether anything was written since the last call. */
    boolean takeWritten() {
        boolean before = written;
        written = false;
        return before;
    }

    void disconnect() {
        channel = Optional.empty();
    }

    @Override
    public boolean isWritable() {
        return channel.isPresent() && channel.get().isWritable();
    }

    @Override
    public void message(int agent, EncodedMessage message) {
        channel.orElseThrow().format().append(batch, agent, message);
    }

    @Override
    public void control(int agent, long ref, int kind, byte[] body) {
        channel.orElseThrow().format().append(batch, agent, ref, kind, body);
    }

    @Override
    public void unsent(int agent) {
        unsent.accept(agent);
    }

    @Override
    public void flush() {
        if (!batch.isEmpty()) {
            written = true;
            channel.orElseThrow().write(batch);
        }
    }

    @Override
    public void discard() {
        batch.release();
    }
}
