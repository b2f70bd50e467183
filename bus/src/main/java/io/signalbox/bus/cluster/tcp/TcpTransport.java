package io.signalbox.bus.cluster.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.signalbox.bus.cluster.PeerAddress;
import io.signalbox.bus.cluster.PeerTransport;
import io.signalbox.codecs.CodecException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection between each two nodes, in the clear or with mutual TLS. The node whose name comes first dials, so that there
 * are never two; it dials again, with growing pauses, for as long as the other is to be a peer.
 */
public final class TcpTransport implements PeerTransport {
    private static final Logger log = LoggerFactory.getLogger(TcpTransport.class);

    /** More than the largest message that a gateway may be configured to take, and a batch of others. */
    private static final int MAX_FRAME = 80 * 1024 * 1024;

    /** In the transport's buffer of a connection, above what the kernel has. */
    private static final int WRITE_QUEUE = 256 * 1024;

    private static final int CONNECT_TIMEOUT = 2_000;
    private static final long INTRODUCTION_TIMEOUT = 5_000;
    private static final long FIRST_PAUSE = 50;
    private static final long LONGEST_PAUSE = 1_000;

    /**
     * @param cluster nodes of another one are not let in
     * @param node name of this one
     * @param port 0: any free one
     * @param tls empty: in the clear
     */
    public record Options(String cluster, String node, String host, int port, Optional<PeerTls> tls) {}

    /** One peer that is wanted, dialled by this node or by itself. */
    private final class Path {
        final PeerAddress address;
        Optional<Connection> connection = Optional.empty();
        long pause = FIRST_PAUSE;

        Path(PeerAddress address) {
            this.address = address;
        }

        boolean isWanted() {
            return !stopped && paths.get(address.node()) == this;
        }

        void dial() {
            if (!isWanted() || connection.isPresent()) {
                return;
            }
            client.connect(address.port(), address.host()).onComplete(dialled -> {
                if (dialled.failed()) {
                    unreachable(dialled.cause());
                } else if (isWanted()) {
                    Connection made = new Connection(dialled.result(), Optional.of(address.node()));
                    made.introduce(address.node());
                } else {
                    dialled.result().close();
                }
            });
        }

        /** Said once for each time that it was connected: the others are the same again. */
        private void unreachable(Throwable cause) {
            if (pause == FIRST_PAUSE && isWanted()) {
                log.warn("{} cannot be reached, tried again until it can: {}", address, cause.toString());
            }
            dialLater();
        }

        void dialLater() {
            if (isWanted() && isDialledByUs()) {
                vertx.setTimer(pause / 2 + random.nextLong(pause), ignored -> dial());
                pause = Math.min(LONGEST_PAUSE, 2 * pause);
            }
        }

        boolean isDialledByUs() {
            return options.node().compareTo(address.node()) < 0;
        }

        /** The peer knows best which of its connections lives. */
        void take(Connection newer) {
            connection.ifPresent(Connection::close);
            connection = Optional.of(newer);
            pause = FIRST_PAUSE;
            listener.connected(address.node());
        }

        void lost(Connection gone) {
            if (connection.filter(gone::equals).isPresent()) {
                connection = Optional.empty();
                listener.disconnected(address.node());
            }
            dialLater();
        }
    }

    /** A socket; of a path once the other end has introduced itself. */
    private final class Connection {
        private final NetSocket socket;
        private final FrameAssembler frames = new FrameAssembler(MAX_FRAME);
        private final Optional<String> expected;
        private final long timer;
        private Optional<Path> path = Optional.empty();
        private boolean closed;

        /** @param expected whom this node dialled */
        Connection(NetSocket socket, Optional<String> expected) {
            this.socket = socket;
            this.expected = expected;
            this.timer = vertx.setTimer(INTRODUCTION_TIMEOUT, ignored -> close());
            socket.setWriteQueueMaxSize(WRITE_QUEUE);
            socket.drainHandler(ignored -> path.ifPresent(of -> listener.writable(of.address.node())));
            socket.exceptionHandler(cause -> log.debug("A connection to a peer failed: {}", cause.toString()));
            socket.closeHandler(ignored -> closed());
            ((NetSocketInternal) socket).messageHandler(message -> {
                try {
                    read((ByteBuf) message);
                } finally {
                    ReferenceCountUtil.release(message);
                }
            });
        }

        void introduce(String to) {
            write(new Introduction(options.cluster(), options.node(), to).encode());
        }

        private void read(ByteBuf bytes) {
            try {
                frames.add(bytes, this::frame);
            } catch (CodecException e) {
                log.warn("Connection from {} closed: {}", socket.remoteAddress(), e.getMessage());
                close();
            }
        }

        private void frame(ByteBuffer frame) throws CodecException {
            if (closed) {
                return;
            }
            if (path.isPresent()) {
                listener.received(path.get().address.node(), frame);
            } else {
                introduced(Introduction.decode(frame));
            }
        }

        private void introduced(Introduction by) {
            Path wanted = paths.get(by.from());
            boolean isRight = by.cluster().equals(options.cluster())
                    && by.to().equals(options.node())
                    && expected.map(by.from()::equals).orElse(true);
            if (!isRight || wanted == null || wanted.isDialledByUs() != expected.isPresent()) {
                log.debug("{} is not let in from {}", by, socket.remoteAddress());
                close();
                return;
            }
            vertx.cancelTimer(timer);
            if (expected.isEmpty()) {
                introduce(by.from());
            }
            path = Optional.of(wanted);
            wanted.take(this);
        }

        void write(byte[] frame) {
            socket.write(BufferInternal.buffer(Unpooled.wrappedBuffer(frame)));
        }

        void close() {
            socket.close();
            closed();
        }

        private void closed() {
            if (closed) {
                return;
            }
            closed = true;
            vertx.cancelTimer(timer);
            Optional.ofNullable(path.orElseGet(() -> expected.map(paths::get).orElse(null)))
                    .ifPresent(of -> of.lost(this));
        }
    }

    private final Vertx vertx;
    private final Options options;
    private final RandomGenerator random;
    private final Map<String, Path> paths = new HashMap<>();
    private final NetServer server;
    private final NetClient client;
    private Listener listener;
    private boolean stopped;

    /** @param random spreads the moments of dialling again */
    public TcpTransport(Vertx vertx, Options options, RandomGenerator random) {
        this.vertx = vertx;
        this.options = options;
        this.random = random;
        NetServerOptions serverOptions = new NetServerOptions()
                .setHost(options.host())
                .setPort(options.port())
                .setReuseAddress(true)
                .setTcpNoDelay(true);
        NetClientOptions clientOptions =
                new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT).setTcpNoDelay(true);
        this.server = vertx.createNetServer(
                options.tls().map(tls -> tls.applyTo(serverOptions)).orElse(serverOptions));
        this.client = vertx.createNetClient(
                options.tls().map(tls -> tls.applyTo(clientOptions)).orElse(clientOptions));
    }

    @Override
    public Future<Void> start(Listener listener) {
        this.listener = listener;
        server.connectHandler(socket -> new Connection(socket, Optional.empty()));
        return server.listen().mapEmpty();
    }

    /** Where it listens, once it is started. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void peers(Collection<PeerAddress> peers) {
        Map<String, PeerAddress> wanted = new HashMap<>();
        peers.stream()
                .filter(peer -> !peer.node().equals(options.node()))
                .forEach(peer -> wanted.put(peer.node(), peer));
        Map.copyOf(paths).forEach((name, path) -> {
            if (!path.address.equals(wanted.get(name))) {
                paths.remove(name);
                path.connection.ifPresent(Connection::close);
            }
        });
        wanted.forEach((name, address) -> {
            if (!paths.containsKey(name)) {
                Path path = new Path(address);
                paths.put(name, path);
                if (path.isDialledByUs()) {
                    path.dial();
                }
            }
        });
    }

    @Override
    public void send(String peer, byte[] frame) {
        connection(peer).ifPresent(connection -> connection.write(frame));
    }

    private Optional<Connection> connection(String peer) {
        return Optional.ofNullable(paths.get(peer)).flatMap(path -> path.connection);
    }

    @Override
    public boolean isWritable(String peer) {
        return connection(peer)
                .filter(connection -> !connection.socket.writeQueueFull())
                .isPresent();
    }

    @Override
    public void disconnect(String peer) {
        connection(peer).ifPresent(Connection::close);
    }

    @Override
    public Future<Void> stop() {
        stopped = true;
        paths.values().forEach(path -> path.connection.ifPresent(Connection::close));
        return Future.join(server.close(), client.close()).mapEmpty();
    }
}
