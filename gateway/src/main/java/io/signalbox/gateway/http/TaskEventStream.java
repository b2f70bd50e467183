package io.signalbox.gateway.http;

import com.google.protobuf.InvalidProtocolBufferException;
import io.signalbox.bus.MessageBus.Subscription;
import io.signalbox.codecs.EncodedMessage;
import io.signalbox.codecs.internal.GetTaskEvents;
import io.signalbox.codecs.internal.TaskEvent;
import io.signalbox.codecs.internal.TaskEvents;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task's events as server-sent events, from a revision on, without gap or duplicate. The store is the truth: live
 * events are written only when they are the very next; whenever one is missing, or the reader was too slow, the stream
 * reads on from the store. Nothing is kept in memory for a slow reader. Confined to its event loop.
 */
final class TaskEventStream {
    private static final Logger log = LoggerFactory.getLogger(TaskEventStream.class);
    private static final Set<String> LAST = Set.of("succeeded", "dead", "cancelled");
    private static final int PAGE = 100;

    private final ServiceCalls services;
    private final String task;
    private final RoutingContext request;
    private final HttpServerResponse response;
    private final Consumer<TaskEventStream> onEnd;
    private Optional<Subscription> subscription = Optional.empty();
    private long written;
    private boolean reading;

    /** There is more in the store than was written. */
    private boolean behind;

    private boolean ended;

    TaskEventStream(
            ServiceCalls services,
            String task,
            long afterRevision,
            RoutingContext request,
            Consumer<TaskEventStream> onEnd) {
        this.services = services;
        this.task = task;
        this.written = afterRevision;
        this.request = request;
        this.response = request.response();
        this.onEnd = onEnd;
    }

    /** @param live subscribed before the store is read, so that nothing falls between */
    void begin(Subscription live) {
        subscription = Optional.of(live);
        response.closeHandler(closed -> finish());
        response.exceptionHandler(cause -> finish());
        response.drainHandler(drained -> readIfBehind());
        read();
    }

    private void read() {
        reading = true;
        behind = false;
        GetTaskEvents get = GetTaskEvents.newBuilder()
                .setId(task)
                .setAfterRevision(written)
                .setLimit(PAGE)
                .build();
        services.allocation(get, TaskEvents.parser())
                .onComplete(answer -> reading = false)
                .onSuccess(this::history)
                .onFailure(this::failed);
    }

    private void history(TaskEvents events) {
        if (events.getEnded() && !ended && !response.headWritten()) {
            nothingFollows();
            return;
        }
        writeHead();
        events.getEventsList().forEach(this::write);
        behind |= events.getEventsCount() == PAGE;
        readIfBehind();
    }

    /** A browser's EventSource asks again after every end, until it gets this status. */
    private void nothingFollows() {
        finish();
        response.setStatusCode(204).end();
    }

    private void writeHead() {
        if (!ended && !response.headWritten()) {
            response.setChunked(true)
                    .putHeader("Content-Type", "text/event-stream")
                    .putHeader("Cache-Control", "no-store");
            response.write(": task " + task + "\n\n");
        }
    }

    private void failed(Throwable cause) {
        if (ended) {
            return;
        }
        if (response.headWritten()) {
            endEarly();
        } else {
            finish();
            ServiceCalls.refuse(request, cause);
        }
    }

    /** From the bus. */
    void live(EncodedMessage message) {
        try {
            TaskEvent event = TaskEvent.parseFrom(message.payload());
            if (event.getType().equals("partial")) {
                partial(event);
                return;
            }
            if (ended || event.getRevision() <= written) {
                return;
            }
            boolean next = event.getRevision() == written + 1 && !reading && !behind && response.headWritten();
            if (next && !response.writeQueueFull()) {
                write(event);
            } else {
                behind = true;
                readIfBehind();
            }
        } catch (InvalidProtocolBufferException e) {
            log.error("An event of task {} does not parse", task, e);
        }
    }

    /** Without an id, for it is not stored: who cannot take it just now does without. */
    private void partial(TaskEvent event) {
        if (!ended && !reading && !behind && response.headWritten() && !response.writeQueueFull()) {
            response.write("event: partial\ndata: " + ApiJson.event(event) + "\n\n");
        }
    }

    private void readIfBehind() {
        if (behind && !reading && !ended && !response.writeQueueFull()) {
            read();
        }
    }

    private void write(TaskEvent event) {
        if (ended || event.getRevision() <= written) {
            return;
        }
        written = event.getRevision();
        response.write("id: " + event.getRevision() + "\nevent: " + event.getType() + "\ndata: " + ApiJson.event(event)
                + "\n\n");
        if (LAST.contains(event.getType())) {
            end();
        }
    }

    void keepAlive() {
        if (!ended && response.headWritten() && !response.writeQueueFull()) {
            response.write(": still here\n\n");
        }
    }

    /** The reader goes on with Last-Event-ID. */
    void endEarly() {
        if (!ended) {
            writeHead();
            response.write(": read on elsewhere\n\n");
            end();
        }
    }

    private void end() {
        finish();
        response.end();
    }

    private void finish() {
        if (!ended) {
            ended = true;
            subscription.ifPresent(Subscription::close);
            onEnd.accept(this);
        }
    }
}
