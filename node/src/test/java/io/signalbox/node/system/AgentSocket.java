package io.signalbox.node.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A WebSocket that speaks the JSON sub-protocol by hand, as a client that is not the SDK does. */
final class AgentSocket implements AutoCloseable, WebSocket.Listener {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE_SECONDS = 20;

    private final LinkedBlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final HttpClient http = HttpClient.newHttpClient();
    private WebSocket socket;

    private AgentSocket() {}

    static AgentSocket connect(RunningNode node) throws Exception {
        return connect(node, "signalbox.v1.json");
    }

    static AgentSocket connect(RunningNode node, String subprotocol, String... headers) throws Exception {
        AgentSocket created = new AgentSocket();
        WebSocket.Builder builder = created.http.newWebSocketBuilder().subprotocols(subprotocol);
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        created.socket = builder.buildAsync(URI.create(node.url().replace("http", "ws") + "/v1/connect"), created)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return created;
    }

    /** Connected, and past Hello. */
    static AgentSocket welcomed(RunningNode node) throws Exception {
        AgentSocket socket = connect(node);
        socket.send("{'hello':{'client':'test'}}");
        socket.await("welcome");
        return socket;
    }

    /** @param json with single quotes, to be easy on the eye */
    void send(String json) throws Exception {
        sendRaw(json.replace('\'', '"'));
    }

    /** Like {@link #send}, without waiting until it is sent. */
    CompletableFuture<?> sendLater(String json) {
        return socket.sendText(json.replace('\'', '"'), true);
    }

    void sendRaw(String content) throws Exception {
        socket.sendText(content, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void sendBinary(byte[] content) throws Exception {
        socket.sendBinary(ByteBuffer.wrap(content), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The next entry that has this body; what comes before it is passed over. */
    JsonNode await(String body) throws Exception {
        return await(body, entry -> entry.has(body)).path(body);
    }

    JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
        while (true) {
            JsonNode entry = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (entry == null) {
                throw new AssertionError("nothing came of " + what);
            }
            if (wanted.test(entry)) {
                return entry;
            }
        }
    }

    /** The next error's code. */
    int error() throws Exception {
        return await("error").path("code").asInt();
    }

    int closeCode() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    boolean isOpen() {
        return !closed.isDone();
    }

    /** Without a closing handshake. */
    void cut() {
        socket.abort();
    }

    @Override
    public CompletionStage<?> onText(WebSocket source, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            try {
                JsonNode content = JSON.readTree(text.toString());
                ArrayNode entries = content.isArray()
                        ? (ArrayNode) content
                        : JSON.createArrayNode().add(content);
                entries.forEach(received::add);
            } catch (IOException e) {
                closed.completeExceptionally(e);
            }
            text.setLength(0);
        }
        source.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket source, int statusCode, String reason) {
        closed.complete(statusCode);
        return null;
    }

    @Override
    public void onError(WebSocket source, Throwable error) {
        closed.completeExceptionally(error);
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
