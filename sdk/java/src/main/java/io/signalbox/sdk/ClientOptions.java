package io.signalbox.sdk;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * How to connect. Immutable.
 *
 * @param endpoints the nodes' WebSockets, any of which will do; at least one, none twice
 * @param token asked before each connection, so that it may give a fresh one; empty text: none
 * @param connectTimeout how long the first connection is tried
 * @param requestTimeout how long the node may take to answer
 * @param deliveryTimeout how long a durable message is sent again until it is safe
 * @param drainTimeout how long {@link SignalboxClient#close} waits for tasks under way before it gives them back
 * @param reconnectInitial ceiling of the first random wait before connecting again; doubles up to {@code reconnectMax}
 * @param http may be shared by clients of one process
 */
public record ClientOptions(
        List<URI> endpoints,
        Supplier<String> token,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration deliveryTimeout,
        Duration drainTimeout,
        Duration reconnectInitial,
        Duration reconnectMax,
        HttpClient http,
        InstantSource clock,
        RandomGenerator random) {

    private static final String PATH = "/v1/connect";
    private static final String TOKEN_VARIABLE = "SIGNALBOX_TOKEN";

    public ClientOptions {
        endpoints = endpoints.stream()
                .map(ClientOptions::webSocketAddress)
                .distinct()
                .toList();
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no address of a node");
        }
        Objects.requireNonNull(token);
        Objects.requireNonNull(http);
        Objects.requireNonNull(clock);
        Objects.requireNonNull(random);
    }

    /**
     * Sensible values for everything but the addresses; the token is what {@code SIGNALBOX_TOKEN} holds, if it is set.
     *
     * @param endpoints {@code http://host:port} or a WebSocket's own address; several are separated by commas
     */
    public static ClientOptions of(String endpoints) {
        return builder(endpoints).build();
    }

    /** Like {@link #of(String)}. */
    public static ClientOptions of(List<URI> endpoints) {
        return builder(endpoints).build();
    }

    /** Begins with the values of {@link #of(String)}. */
    public static Builder builder(String endpoints) {
        return builder(parse(endpoints));
    }

    /** Begins with the values of {@link #of(String)}. */
    public static Builder builder(List<URI> endpoints) {
        return new Builder(endpoints, System.getenv());
    }

    static List<URI> parse(String endpoints) {
        return Arrays.stream(endpoints.split(","))
                .map(String::strip)
                .filter(endpoint -> !endpoint.isEmpty())
                .map(URI::create)
                .toList();
    }

    /** A client whose callbacks run on virtual threads, for {@link Builder#http}. Each has a thread of its own. */
    public static HttpClient newHttpClient() {
        return HttpClient.newBuilder()
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    private static URI webSocketAddress(URI endpoint) {
        String scheme = switch (String.valueOf(endpoint.getScheme())) {
            case "http", "ws" -> "ws";
            case "https", "wss" -> "wss";
            default ->
                throw new IllegalArgumentException(
                        "'" + endpoint + "' must start with http://, https://, ws:// or wss://");
        };
        if (endpoint.getHost() == null) {
            throw new IllegalArgumentException("'" + endpoint + "' names no host");
        }
        String path = endpoint.getPath().isEmpty() || endpoint.getPath().equals("/") ? PATH : endpoint.getPath();
        String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
        return URI.create(scheme + "://" + endpoint.getHost() + port + path);
    }

    /** Says what is to differ from the default. Each method is named after the value that it sets. Not thread-safe. */
    public static final class Builder {
        private final List<URI> endpoints;
        private Supplier<String> token;
        private Duration connectTimeout = Duration.ofSeconds(30);
        private Duration requestTimeout = Duration.ofSeconds(10);
        private Duration deliveryTimeout = Duration.ofSeconds(60);
        private Duration drainTimeout = Duration.ofSeconds(10);
        private Duration reconnectInitial = Duration.ofMillis(200);
        private Duration reconnectMax = Duration.ofSeconds(10);
        private Optional<HttpClient> http = Optional.empty();

        Builder(List<URI> endpoints, Map<String, String> environment) {
            String given = environment.getOrDefault(TOKEN_VARIABLE, "").strip();
            this.endpoints = endpoints;
            this.token = () -> given;
        }

        public Builder token(Supplier<String> token) {
            this.token = token;
            return this;
        }

        public Builder connectTimeout(Duration timeout) {
            connectTimeout = timeout;
            return this;
        }

        public Builder requestTimeout(Duration timeout) {
            requestTimeout = timeout;
            return this;
        }

        public Builder deliveryTimeout(Duration timeout) {
            deliveryTimeout = timeout;
            return this;
        }

        public Builder drainTimeout(Duration timeout) {
            drainTimeout = timeout;
            return this;
        }

        public Builder reconnect(Duration initial, Duration max) {
            reconnectInitial = initial;
            reconnectMax = max;
            return this;
        }

        /** Without it, {@link #build} makes one. */
        public Builder http(HttpClient http) {
            this.http = Optional.of(http);
            return this;
        }

        /** @throws IllegalArgumentException when an address is none, or there is none */
        public ClientOptions build() {
            return new ClientOptions(
                    endpoints,
                    token,
                    connectTimeout,
                    requestTimeout,
                    deliveryTimeout,
                    drainTimeout,
                    reconnectInitial,
                    reconnectMax,
                    http.orElseGet(ClientOptions::newHttpClient),
                    InstantSource.system(),
                    new Random());
        }
    }
}
