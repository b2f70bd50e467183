package io.signalbox.node;

import io.signalbox.config.GatewayConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Where the node listens, as configured. Immutable. */
public record ListenAddress(String host, int port) {
    public static ListenAddress of(GatewayConfig config) {
        return new ListenAddress(config.host(), config.port());
    }

    /**
     * Finds out before anything slow is started whether the node can listen there: a node is easily started twice.
     *
     * @throws NodeException when it cannot
     */
    void check() {
        probe();
    }

    /** All event loops listen on one port, so where any will do a free one is chosen before the first does. */
    int choosePort() {
        return port == 0 ? probe() : port;
    }

    /** What to tell the operator when it could not listen all the same. */
    Throwable explain(Throwable cause) {
        return cause instanceof IOException ? notListening(cause) : cause;
    }

    /** A client cannot ask for "every address"; on this machine loopback is one of them. */
    public String url(String scheme, int actualPort) {
        String reached = switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> host;
        };
        return scheme + "://" + (reached.contains(":") ? "[" + reached + "]" : reached) + ":" + actualPort;
    }

    private int probe() {
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName(host))) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw notListening(e);
        }
    }

    private NodeException notListening(Throwable cause) {
        return new NodeException(
                "The node cannot listen on " + host + ":" + port + ": " + cause.getMessage()
                        + ". Stop what listens there, or set gateway.host or gateway.port,"
                        + " for example --set gateway.port=0 for any free port.",
                cause);
    }
}
