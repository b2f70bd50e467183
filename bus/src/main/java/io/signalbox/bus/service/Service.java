package io.signalbox.bus.service;

import com.google.protobuf.MessageLite;
import io.signalbox.codecs.EncodedMessage;
import io.vertx.core.Future;

/** Answers requests at an address. Called on the context it was registered from. */
@FunctionalInterface
public interface Service {
    /**
     * @param type simple name of the request's Protobuf type, such as {@code SubmitTask}
     * @param request its payload is the encoded request
     * @return the answer; a {@link ServiceException} goes back as its code, anything else as {@code UNAVAILABLE} and into
     *     the log. What is returned for a request that wanted no answer is ignored
     */
    Future<? extends MessageLite> handle(String type, EncodedMessage request);
}
