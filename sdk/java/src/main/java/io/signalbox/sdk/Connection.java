package io.signalbox.sdk;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.codecs.Code;
import io.signalbox.codecs.proto.Entry;
import io.signalbox.codecs.proto.Frame;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One WebSocket, from its opening to its end; never reconnects. Thread-safe. */
final class Connection implements WebSocket.Listener {
    private static final Logger log = System.getLogger(Connection.class.getName());

    private static final String PROTOCOL = "signalbox.v1.proto";
    private static final int ABNORMAL = 1006;
    private static final int FIRST_OWN_CODE = 4000;

    /** How a connection ended: close code and reason. */
    record End(int code, String reason) {
        /** Empty for WebSocket's own codes, which mean other things than ours of the same number. */
        Optional<Code> ownCode() {
            return code < FIRST_OWN_CODE ? Optional.empty() : Code.of(code);
        }
    }

    private final Consumer<Entry> receiver;
    private final ClientOptions options;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final OutboundBuffer outbound = new OutboundBuffer();
    private volatile Optional<WebSocket> webSocket = Optional.empty();
    private volatile long lastHeardMillis;

    private Connection(ClientOptions options, Consumer<Entry> receiver) {
        this.options = options;
        this.receiver = receiver;
        this.lastHeardMillis = options.clock().millis();
    }

    /**
     * @param patience how long the node may take
     * @param receiver gets each entry, one after the other, and none after the end; while it blocks nothing more is read
     * @throws SignalboxException with a code whose {@code retry} says whether another try can help
     */
    static Connection open(
            ClientOptions options, URI endpoint, Duration patience, String token, Consumer<Entry> receiver)
            throws InterruptedException {
        Connection connection = new Connection(options, receiver);
        WebSocket.Builder builder =
                options.http().newWebSocketBuilder().subprotocols(PROTOCOL).connectTimeout(patience);
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        CompletableFuture<WebSocket> opening = builder.buildAsync(endpoint, connection);
        try {
            WebSocket opened = opening.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            connection.webSocket = Optional.of(opened);
            connection.outbound.open(opened, connection::lost);
            return connection;
        } catch (ExecutionException e) {
            throw refusal(endpoint, e.getCause());
        } catch (TimeoutException e) {
            opening.cancel(true);
            throw new SignalboxException(Code.UNAVAILABLE, "no answer from " + endpoint, e);
        } catch (InterruptedException e) {
            opening.cancel(true);
            throw e;
        }
    }

    private static SignalboxException refusal(URI endpoint, Throwable cause) {
        if (!(cause instanceof WebSocketHandshakeException handshake)) {
            return new SignalboxException(Code.UNAVAILABLE, "cannot connect to " + endpoint + ": " + cause, cause);
        }
        HttpResponse<?> answer = handshake.getResponse();
        String message = endpoint + " answered with status " + answer.statusCode();
        return switch (answer.statusCode()) {
            case 401 -> new SignalboxException(Code.UNAUTHENTICATED, message, cause);
            case 403 -> new SignalboxException(Code.FORBIDDEN, message, cause);
            case 400, 404, 405, 426 -> new SignalboxException(Code.UNSUPPORTED, message, cause);
            default -> new SignalboxException(Code.UNAVAILABLE, message, retryAfter(answer.headers()));
        };
    }

    private static Duration retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After")
                .filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .orElse(Duration.ZERO);
    }

    /**
     * Waits while the outbound buffer is full.
     *
     * @throws SignalboxException when the connection is gone
     */
    void send(Entry entry) throws InterruptedException {
        outbound.add(entry);
    }

    /** Like {@link #send}, for what is said again, or not needed, when it is lost. */
    void trySend(Entry entry) {
        try {
            send(entry);
        } catch (SignalboxException e) {
            log.log(Level.DEBUG, "Not sent: {0}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From the Welcome. */
    void limitFrames(int maxBytes) {
        outbound.limitFrames(maxBytes);
    }

    long lastHeardMillis() {
        return lastHeardMillis;
    }

    /** Completes, never exceptionally, when the connection is over. */
    CompletableFuture<End> end() {
        return end;
    }

    /** Writes what waits, then the WebSocket's closing handshake; cuts when the node does not answer in time. */
    void close(Duration patience) throws InterruptedException {
        outbound.awaitEmpty(patience);
        webSocket.ifPresent(open -> open.sendClose(WebSocket.NORMAL_CLOSURE, ""));
        try {
            end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            lost(e);
        }
    }

    /** Cuts at once. */
    void lost(Throwable cause) {
        webSocket.ifPresent(WebSocket::abort);
        finish(new End(ABNORMAL, String.valueOf(cause)));
    }

    private void finish(End how) {
        outbound.close();
        end.complete(how);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket source, ByteBuffer data, boolean last) {
        lastHeardMillis = options.clock().millis();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        partial.writeBytes(bytes);
        if (last) {
            byte[] frame = partial.toByteArray();
            partial.reset();
            receive(frame);
        }
        source.request(1);
        return CompletableFuture.completedStage(null);
    }

    private void receive(byte[] bytes) {
        try {
            for (Entry entry : Frame.parseFrom(bytes).getEntriesList()) {
                if (end.isDone()) { // what is said late, by a node that the client has left
                    return;
                }
                receiver.accept(entry);
            }
        } catch (InvalidProtocolBufferException e) {
            lost(e);
        }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket source, int statusCode, String reason) {
        finish(new End(statusCode, reason));
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket source, Throwable error) {
        lost(error instanceof CompletionException && error.getCause() != null ? error.getCause() : error);
    }
}
