package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Those that an agent waits for, by the correlation of their requests. Thread-safe. */
final class Replies {
    interface Publisher {
        void publish(Message message) throws InterruptedException;
    }

    private final Map<String, CompletableFuture<Message>> waiting = new ConcurrentHashMap<>();

    /**
     * Sends a request and waits for its reply.
     *
     * @throws SignalboxException {@code TIMEOUT} when none came
     */
    Message await(Message request, Duration timeout, Publisher publisher) throws InterruptedException {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        waiting.put(request.correlationId(), reply);
        try {
            publisher.publish(request);
            return reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new SignalboxException(Code.TIMEOUT, "no reply within " + timeout, e);
        } catch (ExecutionException e) {
            throw SignalboxException.heardBy(e);
        } finally {
            waiting.remove(request.correlationId());
        }
    }

    /** Whether somebody waited for this message, who has it now. */
    boolean take(Message message) {
        CompletableFuture<Message> reply =
                message.correlationId().isEmpty() ? null : waiting.remove(message.correlationId());
        if (reply != null) {
            reply.complete(message);
        }
        return reply != null;
    }

    /** Nothing comes any more. */
    void fail(SignalboxException why) {
        waiting.values().forEach(reply -> reply.completeExceptionally(why));
    }
}
