package io.signalbox.node.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers HTTP requests as a test says and remembers them. Thread-safe once it is told what to answer. */
public final class FakeNode implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Deque<Answer>> answers = new HashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile boolean breakingOff;

    public FakeNode() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /**
     * @param request such as {@code GET /v1/tasks?limit=5}; the last answer to a request is given again and again
     */
    public FakeNode answer(String request, int status, String body) {
        return answer(request, new Answer(status, "application/json", body));
    }

    /** Answers with server-sent events. */
    public FakeNode events(String request, String stream) {
        return answer(request, new Answer(200, "text/event-stream", stream));
    }

    private FakeNode answer(String request, Answer answer) {
        answers.computeIfAbsent(request, ignored -> new ArrayDeque<>()).add(answer);
        return this;
    }

    /** Reads requests from now on, and cuts the connection instead of answering. */
    public void breakOff() {
        breakingOff = true;
    }

    /** In the order in which they came. */
    public List<Request> requests() {
        return requests;
    }

    public Request onlyRequest() {
        if (requests.size() != 1) {
            throw new AssertionError("expected one request, got " + requests);
        }
        return requests.getFirst();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = read(exchange);
            requests.add(request);
            if (breakingOff) {
                return;
            }
            Answer answer = next(request.line());
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", answer.contentType());
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static Request read(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(), values.getFirst()));
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        return new Request(line, headers, body);
    }

    private Answer next(String request) {
        Deque<Answer> queue = Optional.ofNullable(answers.get(request)).orElseGet(ArrayDeque::new);
        if (queue.isEmpty()) {
            return new Answer(
                    404, "application/problem+json", "{\"title\":\"not expected\",\"detail\":\"" + request + "\"}");
        }
        return queue.size() > 1 ? queue.pop() : queue.peek();
    }

    /** @param headers by name in lower case */
    public record Request(String line, Map<String, String> headers, String body) {
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }
    }

    private record Answer(int status, String contentType, String body) {}
}
