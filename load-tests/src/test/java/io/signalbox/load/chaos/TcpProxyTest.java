package io.signalbox.load.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signalbox.load.chaos.LinkState.Way;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class TcpProxyTest {
    private static final int A_MOMENT = 200;

    private ServerSocket target;
    private TcpProxy proxy;
    private Socket client;
    private Socket served;

    @BeforeEach
    void connect() throws IOException {
        target = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        target.setSoTimeout(30_000);
        proxy = new TcpProxy(target.getLocalPort());
        client = dial();
        served = target.accept();
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        served.close();
        proxy.close();
        target.close();
    }

    private Socket source(Way way) {
        return way == Way.TO_TARGET ? client : served;
    }

    private Socket sink(Way way) {
        return way == Way.TO_TARGET ? served : client;
    }

    private void send(Way way, byte[] bytes) throws IOException {
        source(way).getOutputStream().write(bytes);
    }

    private byte[] receive(Way way, int size) throws IOException {
        return sink(way).getInputStream().readNBytes(size);
    }

    private void assertNothingComes(Way way) throws IOException {
        Socket socket = sink(way);
        socket.setSoTimeout(A_MOMENT);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(30_000);
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryAllBytesInOrderAndTheirEnd(Way way) throws Exception {
        byte[] content = bytes(3_000_000);
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                send(way, content);
                source(way).shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });

        assertThat(receive(way, content.length)).isEqualTo(content);
        assertThat(sink(way).getInputStream().read()).isEqualTo(-1);
        sender.join();
    }

    @Test
    void shouldResetWhatIsConnectedAndWhoConnectsWhenItRefuses() throws Exception {
        proxy.become(new LinkState.Refuse());

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> served.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> dial().getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhereItStoppedAfterABlackhole(Way way) throws Exception {
        proxy.become(new LinkState.Blackhole());
        send(way, bytes(50_000));
        source(way).close();
        assertNothingComes(way);

        proxy.become(new LinkState.Pass());

        assertThat(receive(way, 50_000)).isEqualTo(bytes(50_000));
        assertThat(sink(way).getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void shouldLetNobodyConnectThroughABlackholeUntilItIsOver() throws Exception {
        proxy.become(new LinkState.OneWay(Way.FROM_TARGET));
        target.setSoTimeout(A_MOMENT);
        try (Socket another = dial()) {
            another.getOutputStream().write(7);
            assertThatThrownBy(target::accept).isInstanceOf(SocketTimeoutException.class);

            proxy.become(new LinkState.Pass());

            target.setSoTimeout(30_000);
            try (Socket taken = target.accept()) {
                assertThat(taken.getInputStream().read()).isEqualTo(7);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldHoldOneDirectionAlone(Way held) throws Exception {
        proxy.become(new LinkState.OneWay(held));
        send(held, bytes(10));
        send(held.opposite(), bytes(20));

        assertThat(receive(held.opposite(), 20)).isEqualTo(bytes(20));
        assertNothingComes(held);
    }

    @Test
    void shouldHideAResetBehindTheDirectionThatIsHeld() throws Exception {
        proxy.become(new LinkState.OneWay(Way.TO_TARGET));
        client.setSoLinger(true, 0);
        client.close();
        send(Way.FROM_TARGET, bytes(10));
        assertNothingComes(Way.TO_TARGET);

        proxy.become(new LinkState.Pass());

        assertThatThrownBy(() -> served.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void shouldTakeABoundedAmountWhenNothingPasses() throws Exception {
        try (SocketChannel channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
                Socket taken = target.accept()) {
            proxy.become(new LinkState.Blackhole());
            channel.configureBlocking(false);
            long written = 0;
            long progress = System.nanoTime();
            while (System.nanoTime() - progress < Duration.ofMillis(A_MOMENT).toNanos()) {
                int now = channel.write(ByteBuffer.allocate(64 * 1024));
                written += now;
                progress = now > 0 ? System.nanoTime() : progress;
            }

            assertThat(written).isLessThan(64 << 20);
            assertThat(taken.getInputStream().available()).isZero();
        }
    }

    @Test
    void shouldKeepTheOrderOfWhatIsDelayed() throws Exception {
        proxy.become(new LinkState.Delay(Duration.ofMillis(50), Duration.ofMillis(90)));
        byte[] content = bytes(2_000);
        long begin = System.nanoTime();
        for (int i = 0; i < content.length; i += 20) {
            client.getOutputStream().write(content, i, 20);
        }

        assertThat(receive(Way.TO_TARGET, content.length)).isEqualTo(content);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(50));
    }

    @Test
    void shouldCarryNoMoreThanItsRateWhenThrottled() throws Exception {
        proxy.become(new LinkState.Throttle(200_000));
        byte[] content = bytes(100_000);
        long begin = System.nanoTime();
        send(Way.TO_TARGET, content);

        assertThat(receive(Way.TO_TARGET, content.length)).isEqualTo(content);
        // The last piece may be there before its time is counted.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(400));
    }

    @Test
    void shouldRefuseAndPassByTurnsUntilItIsToldToPass() throws Exception {
        proxy.become(new LinkState.Flapping(Duration.ofMillis(30), Duration.ofMillis(30)));
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        target.setSoTimeout(10);
        boolean passed = false;
        while (!passed) {
            try (Socket another = dial();
                    Socket taken = target.accept()) {
                passed = another.isConnected() && taken.isConnected();
            } catch (SocketTimeoutException e) {
                // Refused this time.
            }
        }

        proxy.become(new LinkState.Pass());
        target.setSoTimeout(30_000);
        try (Socket last = dial();
                Socket taken = target.accept()) {
            last.getOutputStream().write(1);
            assertThat(taken.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void shouldResetWhoConnectsWhileTheTargetIsAway() throws Exception {
        target.close();

        assertThatThrownBy(() -> dial().getInputStream().read()).isInstanceOf(SocketException.class);
    }
}
