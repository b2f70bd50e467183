package io.signalbox.gateway.agent;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signalbox.codecs.Code;
import java.util.concurrent.atomic.AtomicInteger;

/** What the door counts; one for all event loops. Thread-safe. */
public final class DoorMeters {
    private final MeterRegistry meters;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger suspended = new AtomicInteger();
    private final Counter receivedFrames;
    private final Counter receivedBytes;
    private final Counter sentFrames;
    private final Counter sentBytes;
    private final Counter messages;
    private final Counter resumed;
    private final Counter held;
    private final Counter putOff;

    public DoorMeters(MeterRegistry meters) {
        this.meters = meters;
        Gauge.builder("signalbox.gateway.connections", connections, AtomicInteger::get)
                .description("WebSocket connections")
                .register(meters);
        Gauge.builder("signalbox.gateway.sessions.suspended", suspended, AtomicInteger::get)
                .description("Sessions whose connection is lost and may be resumed")
                .register(meters);
        receivedFrames = counter("signalbox.gateway.received.frames", "WebSocket messages received");
        receivedBytes = counter("signalbox.gateway.received.bytes", "Their content");
        sentFrames = counter("signalbox.gateway.sent.frames", "WebSocket messages sent, each a batch of entries");
        sentBytes = counter("signalbox.gateway.sent.bytes", "Their content");
        messages = counter("signalbox.gateway.messages", "Messages that clients published");
        resumed = counter("signalbox.gateway.resumed", "Sessions resumed on a new connection");
        held = counter(
                "signalbox.gateway.held",
                "Clients that waited for their turn on their connection, for too many connected at once");
        putOff = counter(
                "signalbox.gateway.put.off", "Clients told to come again later, for too many connected at once");
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(meters);
    }

    /** Counts one more, unless there are {@code max}. */
    boolean admit(int max) {
        if (connections.incrementAndGet() > max) {
            connections.decrementAndGet();
            return false;
        }
        return true;
    }

    /** At this moment, at all event loops. */
    int connections() {
        return connections.get();
    }

    void left() {
        connections.decrementAndGet();
    }

    void suspended(int change) {
        suspended.addAndGet(change);
    }

    void received(int bytes) {
        receivedFrames.increment();
        receivedBytes.increment(bytes);
    }

    void sent(int bytes) {
        sentFrames.increment();
        sentBytes.increment(bytes);
    }

    void published() {
        messages.increment();
    }

    void resumed() {
        resumed.increment();
    }

    void held() {
        held.increment();
    }

    void putOff() {
        putOff.increment();
    }

    void closed(int code) {
        Counter.builder("signalbox.gateway.closed")
                .description("Connections that the node closed")
                .tag("code", Code.of(code).map(Code::name).orElse(Integer.toString(code)))
                .register(meters)
                .increment();
    }

    MeterRegistry registry() {
        return meters;
    }
}
