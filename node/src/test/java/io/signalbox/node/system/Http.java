package io.signalbox.node.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Raw requests, as any client makes them. */
final class Http implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final String url;

    Http(String url) {
        this(url, HttpClient.newBuilder());
    }

    Http(String url, SSLContext trust) {
        this(url, HttpClient.newBuilder().sslContext(trust));
    }

    private Http(String url, HttpClient.Builder client) {
        this.url = url;
        this.client = client.version(HttpClient.Version.HTTP_1_1).build();
    }

    /** Status, headers and the body read as JSON, if it is JSON. */
    record Answer(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        JsonNode json() {
            try {
                return JSON.readTree(response.body());
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + response.body(), e);
            }
        }

        String code() {
            return json().path("code").asText();
        }
    }

    Answer get(String path, String... headers) throws Exception {
        return send(request(path, headers).GET().build());
    }

    Answer post(String path, String body, String... headers) throws Exception {
        return send(request(path, headers)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    Answer send(HttpRequest request) throws Exception {
        return new Answer(client.send(request, BodyHandlers.ofString()));
    }

    HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE);
        return headers.length == 0 ? request : request.headers(headers);
    }

    /** The lines of a stream that ends. */
    List<String> stream(String path, String... headers) throws Exception {
        try (Stream<String> lines = open(path, headers)) {
            return lines.toList();
        }
    }

    /** The lines of a stream that has begun. */
    Stream<String> open(String path, String... headers) throws Exception {
        return client.send(request(path, headers).build(), BodyHandlers.ofLines())
                .body();
    }

    /** Submits and gives the id. */
    String submit(String skill, String input) throws Exception {
        return post("/v1/tasks", "{\"skill\":\"%s\",\"input\":%s}".formatted(skill, input))
                .json()
                .path("id")
                .asText();
    }

    JsonNode task(String id) throws Exception {
        return get("/v1/tasks/" + id).json();
    }

    void awaitState(String id, String state) throws Exception {
        Eventually.eventually(
                "task " + id + " is " + state,
                () -> task(id).path("state").asText().equals(state));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
