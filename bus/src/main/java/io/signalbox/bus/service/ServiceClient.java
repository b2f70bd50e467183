package io.signalbox.bus.service;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.Future;
import java.time.Duration;

/** Asks services over the bus: one request, one answer. Thread-safe. */
public interface ServiceClient {

    /**
     * @param address where the service listens, such as {@code $sys/allocation}
     * @return the answer, completed on the caller's Vert.x context where there is one. Fails with {@link ServiceException}:
     *     what the service refused with, {@code UNAVAILABLE} when nobody listens, {@code OVERLOADED} when its queue is
     *     full, {@code TIMEOUT} when no answer came
     */
    <T extends MessageLite> Future<T> call(String address, MessageLite request, Parser<T> answer, Duration timeout);

    /** Like {@link #call}, wanting no answer; false when nobody took it. */
    boolean tell(String address, MessageLite request);
}
