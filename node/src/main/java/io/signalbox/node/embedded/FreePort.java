package io.signalbox.node.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;

/** Finds loopback ports for servers, below those that the system gives to outgoing connections. */
public final class FreePort {
    private static final int LOWEST = 15_000;
    private static final int HIGHEST = 30_000;
    private static final int TRIALS = 200;

    private FreePort() {}

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException occupied) {
            return false;
        }
    }

    /** Throws {@link StoreException} when it finds none. */
    public static int find(RandomGenerator random) {
        return random.ints(TRIALS, LOWEST, HIGHEST)
                .filter(FreePort::isFree)
                .findFirst()
                .orElseThrow(() -> new StoreException("No free port between " + LOWEST + " and " + HIGHEST));
    }
}
