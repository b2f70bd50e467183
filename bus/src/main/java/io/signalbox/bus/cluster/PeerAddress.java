package io.signalbox.bus.cluster;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a node listens for its peers. Immutable.
 *
 * @param node its name
 */
public record PeerAddress(String node, String host, int port) {
    private static final Pattern TEXT = Pattern.compile("([^=]+)=(.+):(\\d{1,5})");

    /** @throws IllegalArgumentException unless the text is {@code node=host:port}, a numeric IPv6 host in brackets */
    public static PeerAddress parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches() || Integer.parseInt(parts.group(3)) > 65_535) {
            throw new IllegalArgumentException("'" + text + "' is not node=host:port");
        }
        String host = parts.group(2);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return new PeerAddress(
                parts.group(1),
                bracketed ? host.substring(1, host.length() - 1) : host,
                Integer.parseInt(parts.group(3)));
    }
}
