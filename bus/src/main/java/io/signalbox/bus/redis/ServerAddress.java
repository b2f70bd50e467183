package io.signalbox.bus.redis;

import java.net.URI;

/** Where a Redis server or a sentinel listens. Immutable. */
record ServerAddress(String host, int port) {
    private static final int DEFAULT_PORT = 6379;

    /** @param url {@code redis://host:port}; a missing port is that of Redis */
    static ServerAddress of(String url) {
        URI uri = URI.create(url);
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        return new ServerAddress(host, uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
