package io.signalbox.load.chaos;

import io.signalbox.load.chaos.LinkState.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A link of this machine that can be disturbed: it listens on a port of its own and carries bytes to and from another port, a
 * megabyte at most being on its way in each direction. Thread-safe.
 */
final class TcpProxy implements AutoCloseable {
    private static final int PIECE = 16 * 1024;
    private static final int MAX_PIECES = 64;
    private static final int CONNECT_MILLIS = 2000;

    private static final Piece END = new Piece(new byte[0], 0);
    private static final Piece BROKEN = new Piece(new byte[0], 0);

    /** @param due when it may go on, by the nano clock */
    private record Piece(byte[] bytes, long due) {}

    private final ServerSocket server;
    private final int target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private LinkState ordered = new LinkState.Pass();
    private LinkState current = new LinkState.Pass();
    private boolean closed;

    /** @param target port on this machine; nobody need listen there yet */
    TcpProxy(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** From now on, until it becomes something else. */
    synchronized void become(LinkState state) {
        ordered = state;
        if (state instanceof LinkState.Flapping flapping) {
            Thread.ofVirtual().start(() -> flap(flapping));
        } else {
            apply(state);
        }
    }

    private synchronized void apply(LinkState state) {
        current = state;
        if (state instanceof LinkState.Refuse) {
            connections.forEach(Connection::reset);
        }
        notifyAll();
    }

    /** Until something else is ordered. */
    private synchronized void flap(LinkState.Flapping flapping) {
        boolean up = false;
        try {
            while (ordered == flapping && !closed) {
                apply(up ? new LinkState.Pass() : new LinkState.Refuse());
                awaitUnless(flapping, up ? flapping.up() : flapping.down());
                up = !up;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitUnless(LinkState.Flapping flapping, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0 && ordered == flapping && !closed; left = end - System.nanoTime()) {
            wait(left / 1_000_000 + 1);
        }
    }

    /** Waits while the direction is held. */
    private synchronized LinkState awaitOpen(Way way) throws InterruptedException {
        while (current.holds(way) && !closed) {
            wait();
        }
        return current;
    }

    private synchronized LinkState state() {
        return current;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Connection connection = new Connection(server.accept());
                connections.add(connection);
                Thread.ofVirtual().start(connection::open);
            } catch (IOException e) {
                // Closed; or too many files are open, and the one who connects tries again.
            }
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections.forEach(Connection::reset);
    }

    /** What was accepted, and the connection to the target that belongs to it. */
    private final class Connection {
        private final Socket client;
        private final Socket onward = new Socket();
        private int pumping = 2;

        Connection(Socket client) {
            this.client = client;
        }

        /** While either direction is held no connection comes about, and who connects hears nothing. */
        void open() {
            try {
                awaitOpen(Way.TO_TARGET);
                if (awaitOpen(Way.FROM_TARGET) instanceof LinkState.Refuse) {
                    reset();
                    return;
                }
                onward.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), CONNECT_MILLIS);
                client.setTcpNoDelay(true);
                onward.setTcpNoDelay(true);
                new Pump(this, client, onward, Way.TO_TARGET).start();
                new Pump(this, onward, client, Way.FROM_TARGET).start();
            } catch (IOException e) {
                reset();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void reset() {
            cut(client);
            cut(onward);
            connections.remove(this);
        }

        synchronized void pumpEnded() {
            pumping--;
            if (pumping == 0) {
                closeQuietly(client);
                closeQuietly(onward);
                connections.remove(this);
            }
        }
    }

    private static void cut(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed already.
        }
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more.
        }
    }

    /** One direction of a connection. What ends or breaks comes after what was sent before, and through the same state. */
    private final class Pump {
        private final Connection connection;
        private final Socket from;
        private final Socket to;
        private final Way way;
        private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(MAX_PIECES);
        private long lastDue = System.nanoTime();

        Pump(Connection connection, Socket from, Socket to, Way way) {
            this.connection = connection;
            this.from = from;
            this.to = to;
            this.way = way;
        }

        void start() {
            Thread.ofVirtual().start(() -> unlessInterrupted(this::read));
            Thread.ofVirtual().start(() -> {
                unlessInterrupted(this::write);
                connection.pumpEnded();
            });
        }

        private void read() throws InterruptedException {
            byte[] buffer = new byte[PIECE];
            try {
                for (int size = from.getInputStream().read(buffer);
                        size >= 0;
                        size = from.getInputStream().read(buffer)) {
                    pieces.put(new Piece(Arrays.copyOf(buffer, size), due()));
                }
                pieces.put(END);
            } catch (IOException e) {
                pieces.put(BROKEN);
            }
        }

        private long due() {
            long now = System.nanoTime();
            if (state() instanceof LinkState.Delay(Duration least, Duration most)) {
                long wait = ThreadLocalRandom.current().nextLong(least.toNanos(), most.toNanos() + 1);
                now += wait;
            }
            lastDue = Math.max(lastDue, now);
            return lastDue;
        }

        private void write() throws InterruptedException {
            Piece piece = pieces.take();
            try {
                for (; piece != END && piece != BROKEN; piece = pieces.take()) {
                    write(piece);
                }
                awaitOpen(way);
                if (piece == END) {
                    to.shutdownOutput();
                } else {
                    cut(to);
                }
            } catch (IOException e) {
                broken(piece);
            }
        }

        private void write(Piece piece) throws IOException, InterruptedException {
            sleep(piece.due() - System.nanoTime());
            LinkState state = awaitOpen(way);
            to.getOutputStream().write(piece.bytes());
            if (state instanceof LinkState.Throttle(long bytesPerSecond)) {
                sleep(piece.bytes().length * 1_000_000_000L / bytesPerSecond);
            }
        }

        /** The sender learns of it when something can come to it, and what it sends until then is lost. */
        private void broken(Piece last) throws InterruptedException {
            cut(to);
            awaitOpen(way.opposite());
            cut(from);
            for (Piece piece = last; piece != END && piece != BROKEN; ) {
                piece = pieces.take();
            }
        }

        private static void sleep(long nanos) throws InterruptedException {
            if (nanos > 0) {
                Thread.sleep(Duration.ofNanos(nanos));
            }
        }

        private static void unlessInterrupted(Work work) {
            try {
                work.perform();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private interface Work {
        void perform() throws InterruptedException;
    }
}
