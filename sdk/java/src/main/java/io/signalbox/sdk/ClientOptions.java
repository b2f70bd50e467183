package io.signalbox.sdk;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * How to connect. Immutable.
 *
 * @param endpoint {@code http://host:port} or the WebSocket's own address
 * @param token asked before each connection, so that it may give a fresh one; empty text: none
 * @param connectTimeout how long the first connection is tried
 * @param requestTimeout how long the node may take to answer
 * @param deliveryTimeout how long a durable message is sent again until it is safe
 * @param drainTimeout how long {@link SignalboxClient#close} waits for tasks under way before it gives them back
 * @param reconnectInitial ceiling of the first random wait before connecting again; doubles up to {@code reconnectMax}
 * @param http shared by clients of one process: each one made here has a thread of its own
 */
public record ClientOptions(
        URI endpoint,
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
        endpoint = webSocketAddress(endpoint);
        Objects.requireNonNull(token);
        Objects.requireNonNull(http);
        Objects.requireNonNull(clock);
        Objects.requireNonNull(random);
    }

    /** Sensible values for everything but the address; the token is what {@code SIGNALBOX_TOKEN} holds, if it is set. */
    public static ClientOptions of(String endpoint) {
        return of(endpoint, System.getenv());
    }

    static ClientOptions of(String endpoint, Map<String, String> environment) {
        String token = environment.getOrDefault(TOKEN_VARIABLE, "").strip();
        return new ClientOptions(
                URI.create(endpoint),
                () -> token,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofMillis(200),
                Duration.ofSeconds(10),
                newHttpClient(),
                InstantSource.system(),
                new Random());
    }

    /** A client whose callbacks run on virtual threads, for {@link #withHttp}. */
    public static HttpClient newHttpClient() {
        return HttpClient.newBuilder()
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    public ClientOptions withToken(Supplier<String> token) {
        return new ClientOptions(
                endpoint,
                token,
                connectTimeout,
                requestTimeout,
                deliveryTimeout,
                drainTimeout,
                reconnectInitial,
                reconnectMax,
                http,
                clock,
                random);
    }

    public ClientOptions withTimeouts(Duration connect, Duration request, Duration drain) {
        return new ClientOptions(
                endpoint,
                token,
                connect,
                request,
                deliveryTimeout,
                drain,
                reconnectInitial,
                reconnectMax,
                http,
                clock,
                random);
    }

    public ClientOptions withDeliveryTimeout(Duration delivery) {
        return new ClientOptions(
                endpoint,
                token,
                connectTimeout,
                requestTimeout,
                delivery,
                drainTimeout,
                reconnectInitial,
                reconnectMax,
                http,
                clock,
                random);
    }

    public ClientOptions withReconnect(Duration initial, Duration max) {
        return new ClientOptions(
                endpoint,
                token,
                connectTimeout,
                requestTimeout,
                deliveryTimeout,
                drainTimeout,
                initial,
                max,
                http,
                clock,
                random);
    }

    public ClientOptions withHttp(HttpClient http) {
        return new ClientOptions(
                endpoint,
                token,
                connectTimeout,
                requestTimeout,
                deliveryTimeout,
                drainTimeout,
                reconnectInitial,
                reconnectMax,
                http,
                clock,
                random);
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
}
