package io.signalbox.gateway.agent;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import io.signalbox.codecs.proto.Hello;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A connection of a session, and its other end. All is done on the session's event loop. */
final class SessionClient {
    static final byte[] HELLO = frame(Entry.newBuilder().setHello(Hello.getDefaultInstance()));

    final AgentChannel agent;
    private final Endpoints endpoints;
    private final AgentSession session;
    private final EmbeddedChannel channel;
    private final ClientFrames frames;
    private final List<Entry> received = new ArrayList<>();

    /** Call on the event loop. */
    SessionClient(Endpoints endpoints, AgentSession session) {
        this.endpoints = endpoints;
        this.session = session;
        this.agent = new AgentChannel(
                WireFormat.PROTO,
                session,
                new DoorMeters(endpoints.meters),
                new WebSocketReader(4096, new WebSocketReader.Scratch()));
        this.channel = new EmbeddedChannel(agent);
        this.frames = new ClientFrames(channel);
    }

    static byte[] frame(Entry.Builder entry) {
        return Frame.newBuilder().addEntries(entry).build().toByteArray();
    }

    static <T> T onLoop(Endpoints endpoints, Callable<T> action) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        endpoints.endpoint.context().runOnContext(ignored -> {
            try {
                done.complete(action.call());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done.get(20, TimeUnit.SECONDS);
    }

    /** And whatever it brings about in later turns, as far as a session goes. */
    static void perform(Endpoints endpoints, Runnable action) throws Exception {
        onLoop(endpoints, () -> {
            action.run();
            return true;
        });
        for (int turn = 0; turn < 5; turn++) {
            onLoop(endpoints, () -> true);
        }
    }

    /** The transport takes nothing (more). */
    void blocked(boolean blocked) throws Exception {
        perform(endpoints, () -> {
            channel.unsafe().outboundBuffer().setUserDefinedWritability(1, !blocked);
            channel.runPendingTasks();
        });
    }

    void send(Entry.Builder entry) throws Exception {
        byte[] frame = frame(entry);
        perform(endpoints, () -> session.received(agent, frame, frame.length));
    }

    /** All that came so far. */
    List<Entry> received() throws Exception {
        return onLoop(endpoints, () -> {
            for (Optional<WebSocketFrame> next = frames.received(); next.isPresent(); next = frames.received()) {
                received.addAll(Frame.parseFrom(ByteBufUtil.getBytes(next.get().content()))
                        .getEntriesList());
                next.get().release();
            }
            return List.copyOf(received);
        });
    }

    boolean isOpen() throws Exception {
        return onLoop(endpoints, channel::isOpen);
    }

    /** Call on the event loop. */
    void close() {
        channel.finishAndReleaseAll();
        frames.close();
    }
}
