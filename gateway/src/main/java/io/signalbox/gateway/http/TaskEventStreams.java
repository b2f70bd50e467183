package io.signalbox.gateway.http;

import io.signalbox.bus.AddressPattern;
import io.signalbox.bus.HandOver;
import io.signalbox.bus.MessageBus;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open streams of one event loop, with one timer for all. Confined to its event loop. */
final class TaskEventStreams {
    private static final Logger log = LoggerFactory.getLogger(TaskEventStreams.class);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
    private static final int MAX_STREAMS = 5000;

    private final ServiceCalls services;
    private final MessageBus bus;
    private final HandOver handOver;
    private final Set<TaskEventStream> open = new HashSet<>();
    private final Context context;
    private final long timer;

    TaskEventStreams(ServiceCalls services, MessageBus bus, Context context, int maxQueued) {
        this.services = services;
        this.bus = bus;
        this.context = context;
        this.handOver = new HandOver(context, maxQueued);
        this.timer = context.owner()
                .setPeriodic(KEEP_ALIVE.toMillis(), ignored -> List.copyOf(open).forEach(TaskEventStream::keepAlive));
    }

    void open(RoutingContext request) {
        if (open.size() >= MAX_STREAMS) {
            throw new ServiceException(Code.OVERLOADED, "too many streams are open");
        }
        String task = request.pathParam("id");
        AddressPattern address = address(task);
        TaskEventStream stream = new TaskEventStream(services, task, lastEventId(request), request, open::remove);
        open.add(stream);
        stream.begin(bus.subscribe(address, "", handOver.to(stream::live)));
        log.debug("Stream of task {} opened, {} are open", task, open.size());
    }

    private static AddressPattern address(String task) {
        if (!task.matches("[0-9a-f-]{36}")) {
            throw new ServiceException(Code.NOT_FOUND, "no task '" + task + "'");
        }
        return new AddressPattern("task/" + task);
    }

    private static long lastEventId(RoutingContext request) {
        String id = request.request().getHeader("Last-Event-ID");
        if (id == null || id.isEmpty()) {
            return 0;
        }
        if (!id.matches("[0-9]{1,18}")) {
            throw new ServiceException(
                    Code.INVALID_ARGUMENT, "Last-Event-ID must be the id of an event of this stream");
        }
        return Long.parseLong(id);
    }

    /** Ends every stream; their readers ask again, elsewhere or later. */
    void close() {
        context.owner().cancelTimer(timer);
        List.copyOf(open).forEach(TaskEventStream::endEarly);
        handOver.close();
    }
}
