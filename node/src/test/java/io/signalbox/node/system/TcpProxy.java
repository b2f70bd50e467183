package io.signalbox.node.system;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A way to a server that can be cut or blocked, as networks and overloaded machines do it. */
final class TcpProxy implements AutoCloseable {
    private enum State {
        OPEN,
        /** Nothing comes through, and nobody is told. */
        BLOCKED,
        /** Connections are closed, new ones too. */
        CUT
    }

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private State state = State.OPEN;

    TcpProxy(int targetPort) throws IOException {
        target = targetPort;
        server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void block() {
        set(State.BLOCKED);
    }

    void cut() {
        set(State.CUT);
        sockets.forEach(TcpProxy::close);
    }

    void restore() {
        set(State.OPEN);
    }

    private void set(State next) {
        lock.lock();
        try {
            state = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                if (isCut()) {
                    close(client);
                    continue;
                }
                Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(there);
                Thread.ofVirtual().start(() -> pump(client, there));
                Thread.ofVirtual().start(() -> pump(there, client));
            }
        } catch (IOException closed) {
            sockets.forEach(TcpProxy::close);
        }
    }

    private boolean isCut() {
        lock.lock();
        try {
            return state == State.CUT;
        } finally {
            lock.unlock();
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitUnblocked();
                to.getOutputStream().write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException over) {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitUnblocked() throws InterruptedException {
        lock.lock();
        try {
            while (state == State.BLOCKED) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
