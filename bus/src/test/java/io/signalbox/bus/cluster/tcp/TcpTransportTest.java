package io.signalbox.bus.cluster.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.signalbox.bus.cluster.Await;
import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.PeerTransportContractTest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TcpTransportTest extends PeerTransportContractTest {

    static End end(String cluster, String name, Optional<PeerTls> tls) {
        Vertx vertx = Vertx.vertx();
        TcpTransport.Options options = new TcpTransport.Options(cluster, name, "127.0.0.1", 0, tls);
        return new End(name, vertx, new TcpTransport(vertx, options, new Random(1)));
    }

    @Override
    protected End end(String name) throws Exception {
        return end("test", name, Optional.empty());
    }

    static void introduceAll(List<End> known) {
        List<PeerAddress> addresses = known.stream()
                .map(end -> new PeerAddress(end.name, "127.0.0.1", ((TcpTransport) end.transport).port()))
                .toList();
        known.forEach(end -> end.run(() -> end.transport.peers(addresses)));
    }

    @Override
    protected void introduce(List<End> known) {
        introduceAll(known);
    }

    /** That the others find each other shows that there was time enough. */
    static void checkIsNotLetIn(PeerTransportContractTest test, End stranger) throws Exception {
        End a = test.started("a");
        test.started(stranger);
        introduceAll(List.of(a, stranger));
        AtomicBoolean tried = new AtomicBoolean();
        a.vertx.setTimer(1_000, ignored -> tried.set(true));
        Await.until("tried", tried::get);
        End c = test.started("c");
        introduceAll(List.of(a, stranger, c));
        Await.until("another one is let in", () -> has(a, "+c"));

        assertThat(stranger.events).isEmpty();
        assertThat(a.events).containsExactly("+c");
    }

    @Test
    void shouldNotLetInANodeOfAnotherCluster() throws Exception {
        checkIsNotLetIn(this, end("other", "b", Optional.empty()));
    }

    @Test
    void shouldDropAConnectionThatSpeaksSomethingElse() throws Exception {
        End a = started("a");
        AtomicBoolean closed = new AtomicBoolean();
        NetSocket socket = a.vertx
                .createNetClient()
                .connect(((TcpTransport) a.transport).port(), "127.0.0.1")
                .await(20, TimeUnit.SECONDS);
        socket.closeHandler(ignored -> closed.set(true));

        socket.write(Buffer.buffer("GET / HTTP/1.1\r\n\r\n"));

        Await.until("closed", closed::get);
        assertThat(a.events).isEmpty();
    }

    @Test
    void shouldSayWhenNoMoreIsToBeSentAndWhenItIsAgain() throws Exception {
        End a = started("a");
        End b = started("b");
        introduce(List.of(a, b));
        Await.until("connected", () -> has(a, "+b") && has(b, "+a"));
        AtomicBoolean full = new AtomicBoolean();

        a.run(() -> {
            while (a.transport.isWritable("b")) {
                a.transport.send("b", frame(1, 100_000));
            }
            full.set(true);
        });

        Await.until("full", full::get);
        Await.until("writable again", () -> has(a, "wb"));
    }
}
