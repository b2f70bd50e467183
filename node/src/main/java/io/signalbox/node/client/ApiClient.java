package io.signalbox.node.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.signalbox.config.Secret;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Talks to the HTTP API of a node, of several the first that answers; a call blocks until the answer is there. Thread-safe. */
public final class ApiClient implements AutoCloseable {
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_PER_PAGE = 500;
    private static final int UNAVAILABLE = 503;

    private static final int LONGEST_PAUSE_SECONDS = 5;

    /** A request with this header may be repeated. */
    public static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http;
    private final List<URI> nodes;
    private final Secret token;
    private final Duration patience;

    /** Index of who answered last. */
    private volatile int answering;

    /**
     * @param node such as {@code http://127.0.0.1:4280}
     * @param token empty: none is sent
     */
    public ApiClient(URI node, Secret token) {
        this(List.of(node), token);
    }

    /**
     * @param nodes of one cluster, at least one
     * @param token empty: none is sent
     */
    public ApiClient(List<URI> nodes, Secret token) {
        this(nodes, token, HttpClient.newBuilder());
    }

    /** @param trust over https, rather than what the JDK trusts */
    public ApiClient(List<URI> nodes, Secret token, SSLContext trust) {
        this(nodes, token, HttpClient.newBuilder().sslContext(trust));
    }

    private ApiClient(List<URI> nodes, Secret token, HttpClient.Builder http) {
        this(
                nodes,
                token,
                http.version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_PATIENCE)
                        .build(),
                Duration.ZERO);
    }

    private ApiClient(List<URI> nodes, Secret token, HttpClient http, Duration patience) {
        this.nodes = List.copyOf(nodes);
        this.token = token;
        this.http = http;
        this.patience = patience;
    }

    /**
     * The same, which asks again when the node cannot do something at the moment: what is read, and what has an idempotency key.
     *
     * @param howLong it asks again
     */
    public ApiClient retrying(Duration howLong) {
        return new ApiClient(nodes, token, http, howLong);
    }

    public JsonNode get(String path) throws ApiException {
        return get(path, Map.of());
    }

    /** @param query parameters; those with an empty value are left out */
    public JsonNode get(String path, Map<String, String> query) throws ApiException {
        return answer(
                request(path + encoded(path, query)).timeout(ANSWER_PATIENCE).build());
    }

    /**
     * Follows the pages of a list.
     *
     * @param items name of the array in the answer
     * @param most how many items are enough
     */
    public ArrayNode list(String path, Map<String, String> query, String items, int most) throws ApiException {
        ArrayNode all = json.createArrayNode();
        Map<String, String> page = new TreeMap<>(query);
        do {
            page.put("limit", Integer.toString(Math.min(MOST_PER_PAGE, most - all.size())));
            JsonNode answer = get(path, page);
            answer.path(items).forEach(all::add);
            page.put("cursor", answer.path("nextCursor").asText(""));
        } while (!page.get("cursor").isEmpty() && all.size() < most);
        return all;
    }

    /** @param headers besides those of every request, such as {@code Idempotency-Key} */
    public JsonNode post(String path, JsonNode body, Map<String, String> headers) throws ApiException {
        HttpRequest.Builder request = request(path)
                .timeout(ANSWER_PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()));
        headers.forEach(request::header);
        return answer(request.build());
    }

    public void delete(String path) throws ApiException {
        HttpResponse<String> response =
                send(request(path).timeout(ANSWER_PATIENCE).DELETE().build(), BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw refused(response.statusCode(), response.body());
        }
    }

    /**
     * Reads server-sent events until the consumer has enough or the stream ends.
     *
     * @param lastEventId what was read before; empty: from the beginning
     * @param wantsMore told each event
     * @throws ApiException also when the stream breaks
     */
    public void events(String path, String lastEventId, Predicate<ServerEvent> wantsMore) throws ApiException {
        HttpRequest.Builder request = request(path).header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<Stream<String>> response = send(request.build(), BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            switch (response.statusCode()) {
                case 200 -> read(lines.iterator(), wantsMore);
                case 204 -> {} // all was read before
                default -> throw refused(response.statusCode(), lines.collect(Collectors.joining("\n")));
            }
        } catch (UncheckedIOException e) {
            throw broken(e.getCause());
        }
    }

    /** A name as part of a path. */
    public static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The path with a parameter {@code tag} for each. */
    public static String withTags(String path, Map<String, String> tags) {
        String parameters = tags.entrySet().stream()
                .map(tag -> "tag=" + segment(tag.getKey() + "=" + tag.getValue()))
                .collect(Collectors.joining("&"));
        return parameters.isEmpty() ? path : path + "?" + parameters;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private static void read(Iterator<String> lines, Predicate<ServerEvent> wantsMore) {
        ServerEventReader reader = new ServerEventReader();
        boolean more = true;
        while (more && lines.hasNext()) {
            Optional<ServerEvent> event = reader.line(lines.next());
            more = event.map(wantsMore::test).orElse(true);
        }
    }

    private URI node() {
        return nodes.get(answering);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(node().resolve(path)).header("User-Agent", "signalbox-cli");
        if (!token.reveal().isEmpty()) {
            request.header("Authorization", "Bearer " + token.reveal());
        }
        return request;
    }

    private JsonNode answer(HttpRequest request) throws ApiException {
        HttpResponse<String> response = patiently(request);
        if (response.statusCode() / 100 != 2) {
            throw refused(response.statusCode(), response.body());
        }
        try {
            return json.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new ApiException("What answers at " + node() + " is no Signalbox node: it does not speak JSON", e);
        }
    }

    /** Asks again for a while when the node says that it will be able to soon, as when the work moves to another node. */
    private HttpResponse<String> patiently(HttpRequest request) throws ApiException {
        long latest = System.nanoTime() + patience.toNanos();
        HttpResponse<String> response = send(request, BodyHandlers.ofString());
        while (isRepeatable(request) && response.statusCode() == UNAVAILABLE && System.nanoTime() < latest) {
            pause(response.headers().firstValueAsLong("Retry-After").orElse(1));
            askNext(); // it may be this node alone, which is stopping
            response = send(request, BodyHandlers.ofString());
        }
        return response;
    }

    private void pause(long seconds) throws ApiException {
        try {
            Thread.sleep(Duration.ofSeconds(Math.clamp(seconds, 1, LONGEST_PAUSE_SECONDS)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw broken(new InterruptedIOException("interrupted"));
        }
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) throws ApiException {
        try {
            return sendToAny(request, body);
        } catch (ConnectException | HttpConnectTimeoutException e) {
            String all = nodes.stream().map(URI::toString).collect(Collectors.joining(", "));
            throw new ApiException("Nobody answers at " + all + ". Is a node running? Start one: ./signalbox up", e);
        } catch (IOException e) {
            ApiException broken = broken(e);
            askNext();
            throw broken;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw broken(new InterruptedIOException("interrupted"));
        }
    }

    /** To the next node only when the request was not sent, or may be repeated: what was sent may have been done. */
    private <T> HttpResponse<T> sendToAny(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        for (int i = 0; i < nodes.size() - 1; i++) {
            try {
                return http.send(at(node(), request), body);
            } catch (IOException e) {
                boolean unsent = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                if (!unsent && !isRepeatable(request)) {
                    throw e;
                }
                askNext();
            }
        }
        return http.send(at(node(), request), body);
    }

    private void askNext() {
        answering = (answering + 1) % nodes.size();
    }

    private static boolean isRepeatable(HttpRequest request) {
        return request.method().equals("GET")
                || request.headers().firstValue(IDEMPOTENCY_KEY).isPresent();
    }

    private static HttpRequest at(URI node, HttpRequest request) {
        URI uri = request.uri();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return HttpRequest.newBuilder(request, (name, value) -> true)
                .uri(node.resolve(uri.getRawPath() + query))
                .build();
    }

    private ApiException broken(IOException cause) {
        String reason = Optional.ofNullable(cause.getMessage()).orElse(cause.toString());
        return new ApiException("The conversation with " + node() + " broke off: " + reason, cause);
    }

    private ApiException refused(int status, String body) {
        try {
            return new ApiException(Problem.of(status, json.readTree(body)));
        } catch (JsonProcessingException e) {
            return new ApiException(Problem.of(status, json.createObjectNode()));
        }
    }

    private static String encoded(String path, Map<String, String> query) {
        String parameters = new TreeMap<>(query)
                .entrySet().stream()
                        .filter(parameter -> !parameter.getValue().isEmpty())
                        .map(parameter -> parameter.getKey() + "="
                                + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return parameters.isEmpty() ? "" : (path.contains("?") ? "&" : "?") + parameters;
    }
}
