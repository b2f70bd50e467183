package io.signalbox.bus.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every transport between nodes does, each node with a Vert.x of its own, over real sockets. */
public abstract class PeerTransportContractTest {

    /** One end, and what it heard. */
    public static final class End implements PeerTransport.Listener {
        public final String name;
        public final Vertx vertx;
        public final PeerTransport transport;
        final Context context;
        public final Queue<String> events = new ConcurrentLinkedQueue<>();
        public final Queue<byte[]> frames = new ConcurrentLinkedQueue<>();

        public End(String name, Vertx vertx, PeerTransport transport) {
            this.name = name;
            this.vertx = vertx;
            this.transport = transport;
            this.context = vertx.getOrCreateContext();
        }

        @Override
        public void connected(String peer) {
            events.add("+" + peer);
        }

        @Override
        public void disconnected(String peer) {
            events.add("-" + peer);
        }

        @Override
        public void received(String peer, ByteBuffer frame) {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            frames.add(bytes);
        }

        @Override
        public void writable(String peer) {
            events.add("w" + peer);
        }

        public void run(Runnable action) {
            context.runOnContext(ignored -> action.run());
        }
    }

    private final List<End> ends = new ArrayList<>();

    /** A node, in a Vert.x of its own, that does not listen yet. */
    protected abstract End end(String name) throws Exception;

    /** Lets these know of each other, and no others. */
    protected abstract void introduce(List<End> known);

    public final End started(String name) throws Exception {
        return started(end(name));
    }

    public final End started(End end) throws Exception {
        ends.add(end);
        Future<Void> listening =
                Future.future(done -> end.run(() -> end.transport.start(end).onComplete(done)));
        listening.await(20, TimeUnit.SECONDS);
        return end;
    }

    protected final void stop(End end) throws Exception {
        ends.remove(end);
        Future<Void> stopped =
                Future.future(done -> end.run(() -> end.transport.stop().onComplete(done)));
        stopped.await(20, TimeUnit.SECONDS);
        end.vertx.close().await(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stopAll() throws Exception {
        for (End end : List.copyOf(ends)) {
            stop(end);
        }
    }

    protected static byte[] frame(int number, int bodySize) {
        return FrameHeader.frame(FrameKind.STATUS, number, 0, bodySize).array();
    }

    protected static boolean has(End end, String event) {
        return end.events.contains(event);
    }

    @Test
    void shouldCarryFramesBothWaysInOrderWhateverTheirSize() throws Exception {
        End a = started("a");
        End b = started("b");
        introduce(List.of(a, b));
        Await.until("connected", () -> has(a, "+b") && has(b, "+a"));
        List<byte[]> sent = IntStream.range(0, 200)
                .mapToObj(i -> frame(i, i % 50 == 7 ? 300_000 : i * 13))
                .toList();

        a.run(() -> sent.forEach(frame -> a.transport.send("b", frame)));
        b.run(() -> sent.forEach(frame -> b.transport.send("a", frame)));

        Await.until("all frames", () -> a.frames.size() == sent.size() && b.frames.size() == sent.size());
        assertThat(List.copyOf(a.frames))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(sent);
        assertThat(List.copyOf(b.frames))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(sent);
    }

    @Test
    void shouldTellWhenAPeerIsGoneAndFindItAgain() throws Exception {
        End a = started("a");
        End b = started("b");
        introduce(List.of(a, b));
        Await.until("connected", () -> has(a, "+b") && has(b, "+a"));

        stop(b);
        Await.until("a sees that b is gone", () -> has(a, "-b"));
        a.events.clear();
        a.run(() -> a.transport.send("b", frame(1, 10)));
        End again = started("b");
        introduce(List.of(a, again));
        Await.until("connected again", () -> has(a, "+b") && has(again, "+a"));
        a.run(() -> a.transport.send("b", frame(2, 10)));

        Await.until("a frame", () -> !again.frames.isEmpty());
        assertThat(again.frames).as("what was sent to nobody is lost").hasSize(1);
    }

    @Test
    void shouldNotLetInWhoIsNoPeerAnyMore() throws Exception {
        End a = started("a");
        End b = started("b");
        introduce(List.of(a, b));
        Await.until("connected", () -> has(a, "+b") && has(b, "+a"));

        b.run(() -> b.transport.peers(List.of()));
        Await.until("both know", () -> has(a, "-b") && has(b, "-a"));
        a.run(() -> a.transport.send("b", frame(1, 10)));
        End c = started("c");
        introduce(List.of(a, c));
        Await.until("others are", () -> has(a, "+c") && has(c, "+a"));

        assertThat(b.frames).isEmpty();
        assertThat(b.events).containsOnlyOnce("+a");
    }
}
