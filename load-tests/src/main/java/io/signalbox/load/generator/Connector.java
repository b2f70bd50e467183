package io.signalbox.load.generator;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.signalbox.load.dialect.Agents;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/** Opens the connections of an order, so many at once, and opens again what is lost. Confined to its event loop. */
final class Connector implements TrafficRun.Connections {
    private static final int CONNECT_TIMEOUT_MS = 30_000;
    private static final int RETRY_MS = 1_000;

    /** When not one connection became ready for so long, none will. */
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(90);

    /** Enough of a window for frames to go through, and little to fill. */
    private static final int SLOW_RECEIVE_BUFFER = 4096;

    private final Order.Connect order;
    private final EventLoop eventLoop;
    private final Client.Traffic traffic;
    private final IntFunction<String> tokens;
    private final Optional<SslContext> tls;
    private final Consumer<Report> reports;
    private final SplittableRandom random;
    private final Client[] clients;
    private final Queue<Integer> waiting = new ArrayDeque<>();
    private final ByteBuf answers = Unpooled.buffer(4096);
    private final Histogram handshakes = Latencies.histogram();
    private final Map<String, Integer> failures = new TreeMap<>();
    private final Bootstrap bootstrap = new Bootstrap();
    private int opening;
    private int ready;
    private long lost;
    private long beganNanos;
    private long lastReadyNanos;
    private boolean closing = true;
    private boolean stalled;

    Connector(
            Order.Connect order,
            EventLoop eventLoop,
            Client.Traffic traffic,
            IntFunction<String> tokens,
            Optional<SslContext> tls,
            Consumer<Report> reports,
            SplittableRandom random) {
        this.order = order;
        this.eventLoop = eventLoop;
        this.traffic = traffic;
        this.tokens = tokens;
        this.tls = tls;
        this.reports = reports;
        this.random = random;
        this.clients = new Client[order.connections()];
        bootstrap
                .group(eventLoop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
    }

    void open() {
        closing = false;
        beganNanos = System.nanoTime();
        lastReadyNanos = beganNanos;
        handshakes.reset();
        failures.clear();
        waiting.clear();
        for (int i = 0; i < clients.length; i++) {
            waiting.add(i);
        }
        openMore();
    }

    private void openMore() {
        while (opening < order.atOnce() && !waiting.isEmpty() && !closing) {
            opening++;
            open(waiting.remove());
        }
    }

    private void open(int index) {
        int connection = order.firstConnection() + index;
        Layout layout = order.layout();
        Agents agents = new Agents(layout.firstAgent(connection), layout.agentsOf(connection), layout.fanOut());
        Client client = new Client(
                connection,
                order.dialect().create(agents, tokens),
                new Watch(index),
                traffic,
                answers,
                System.nanoTime());
        clients[index] = client;
        Layout.Node node = layout.nodeOf(connection);
        String source = order.sources().get(connection % order.sources().size());
        Bootstrap own = bootstrap.clone();
        if (layout.isSlow(connection)) {
            own.option(ChannelOption.SO_RCVBUF, SLOW_RECEIVE_BUFFER);
        }
        own.handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        tls.ifPresent(context -> channel.pipeline()
                                .addLast(context.newHandler(channel.alloc(), node.host(), node.port())));
                        channel.pipeline().addLast(client);
                    }
                })
                .connect(new InetSocketAddress(node.host(), node.port()), new InetSocketAddress(source, 0))
                .addListener(opened -> {
                    if (!opened.isSuccess()) {
                        client.failed(opened.cause());
                    }
                });
    }

    /** Follows one connection's life. */
    private final class Watch implements Client.Life {
        private final int index;

        Watch(int index) {
            this.index = index;
        }

        @Override
        public void ready(Client client) {
            opening--;
            ready++;
            lastReadyNanos = System.nanoTime();
            client.stall(stalled && order.layout().isSlow(client.connection()));
            handshakes.recordValue(Math.clamp((System.nanoTime() - client.openedNanos()) / 1000, 0, 60_000_000));
            if (ready == clients.length) {
                tellConnected();
            }
            openMore();
        }

        @Override
        public void ended(Client client, String reason) {
            if (closing) {
                shutOne(client);
                return;
            }
            int spread = Math.max(1, order.reconnectSpreadMs());
            if (client.wasReady()) {
                lost();
            } else {
                opening--;
                spread = Math.max(RETRY_MS, spread);
            }
            failures.merge(reason, 1, Integer::sum);
            Hopeless.because(reason).ifPresent(why -> reports.accept(new Report.Failed(why)));
            int wait = client.retryAfterMs() + random.nextInt(spread);
            eventLoop.schedule(() -> again(index), wait, TimeUnit.MILLISECONDS);
        }

        private void lost() {
            if (ready == clients.length) {
                beganNanos = System.nanoTime();
                lastReadyNanos = beganNanos;
                handshakes.reset();
                failures.clear();
            }
            ready--;
            lost++;
        }

        private void shutOne(Client client) {
            if (client.wasReady() && --ready == 0) {
                reports.accept(new Report.Shut(clients.length));
            }
        }
    }

    private void again(int index) {
        if (!closing) {
            waiting.add(index);
            openMore();
        }
    }

    private void tellConnected() {
        double millis = (System.nanoTime() - beganNanos) / 1e6;
        reports.accept(new Report.Connected(ready, millis, Latencies.encode(handshakes), lost, Map.copyOf(failures)));
    }

    @Override
    public int ready() {
        return ready;
    }

    /** Whether some are not ready that should be. */
    boolean isConnecting() {
        return !closing && ready < clients.length;
    }

    void giveUpWhenStuck() {
        if (System.nanoTime() - lastReadyNanos > STUCK_NANOS) {
            reports.accept(
                    new Report.Failed("%d of %d connections are ready, and for %d s no other became so; failures: %s"
                            .formatted(ready, clients.length, TimeUnit.NANOSECONDS.toSeconds(STUCK_NANOS), failures)));
        }
    }

    @Override
    public Client ofConnection(int connection) {
        return clients[connection - order.firstConnection()];
    }

    /** Of the slow readers; those that connect again follow. */
    void stall(boolean stop) {
        stalled = stop;
        for (Client client : clients) {
            if (order.layout().isSlow(client.connection())) {
                client.stall(stop);
            }
        }
    }

    /** Cuts all; only while all are ready. */
    void shut() {
        if (closing) {
            return;
        }
        closing = true;
        for (Client client : clients) {
            client.close();
        }
    }
}
