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
    private boolean closing;

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

    void begin() {
        beganNanos = System.nanoTime();
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
        bootstrap
                .clone()
                .handler(new ChannelInitializer<Channel>() {
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
            handshakes.recordValue(Math.clamp((System.nanoTime() - client.openedNanos()) / 1000, 0, 60_000_000));
            if (ready == clients.length) {
                tellConnected();
            }
            openMore();
        }

        @Override
        public void ended(Client client, String reason) {
            if (closing) {
                return;
            }
            failures.merge(reason, 1, Integer::sum);
            if (client.wasReady()) {
                lost();
            } else {
                opening--;
            }
            int spread = Math.max(RETRY_MS, order.reconnectSpreadMs());
            int wait = client.retryAfterMs() + random.nextInt(spread);
            eventLoop.schedule(() -> again(index), wait, TimeUnit.MILLISECONDS);
        }

        private void lost() {
            if (ready == clients.length) {
                beganNanos = System.nanoTime();
                handshakes.reset();
            }
            ready--;
            lost++;
        }
    }

    private void again(int index) {
        waiting.add(index);
        openMore();
    }

    private void tellConnected() {
        double millis = (System.nanoTime() - beganNanos) / 1e6;
        reports.accept(new Report.Connected(ready, millis, Latencies.encode(handshakes), lost, Map.copyOf(failures)));
    }

    @Override
    public int ready() {
        return ready;
    }

    int connections() {
        return clients.length;
    }

    /** By the number that it has in this process. */
    Client client(int index) {
        return clients[index];
    }

    @Override
    public Client ofConnection(int connection) {
        return clients[connection - order.firstConnection()];
    }

    void stall(double share) {
        int stalled = (int) Math.round(share * clients.length);
        for (int i = 0; i < clients.length; i++) {
            // Spread over the whole range, so that each node has its part.
            clients[i].stall(stalled > 0 && i % Math.max(1, clients.length / stalled) == 0);
        }
    }

    void close() {
        closing = true;
        for (Client client : clients) {
            client.close();
        }
    }
}
