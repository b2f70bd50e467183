package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.signalbox.bus.service.ServiceClient;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From a request to a service and back. */
record ServiceCalls(ServiceClient services, Duration timeout) {
    static final String REGISTRY = "$sys/registry";
    static final String ALLOCATION = "$sys/allocation";
    static final String DEAD_LETTERS = "$sys/dead-letters";
    static final String NODES = "$sys/nodes";
    static final String LOCKS = "$sys/locks";
    static final String ROLLOUTS = "$sys/rollouts";

    private static final Logger log = LoggerFactory.getLogger(ServiceCalls.class);

    <T extends MessageLite> Future<T> registry(MessageLite request, Parser<T> answer) {
        return services.call(REGISTRY, request, answer, timeout);
    }

    <T extends MessageLite> Future<T> allocation(MessageLite request, Parser<T> answer) {
        return services.call(ALLOCATION, request, answer, timeout);
    }

    <T extends MessageLite> Future<T> locks(MessageLite request, Parser<T> answer) {
        return services.call(LOCKS, request, answer, timeout);
    }

    <T extends MessageLite> Future<T> deadLetters(MessageLite request, Parser<T> answer) {
        return services.call(DEAD_LETTERS, request, answer, timeout);
    }

    <T extends MessageLite> Future<T> nodes(MessageLite request, Parser<T> answer) {
        return services.call(NODES, request, answer, timeout);
    }

    <T extends MessageLite> Future<T> rollouts(MessageLite request, Parser<T> answer) {
        return services.call(ROLLOUTS, request, answer, timeout);
    }

    static void answer(RoutingContext request, int status, JsonNode body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body.toString());
    }

    /** Answers with the problem, whatever it is. */
    static void refuse(RoutingContext request, Throwable cause) {
        if (cause instanceof ServiceException refusal) {
            ApiProblem.of(refusal).answer(request);
        } else {
            log.error("Request {} failed", RequestIds.of(request), cause);
            ApiProblem.of(500, Code.UNAVAILABLE, "the node failed; its log has the details under this request's id")
                    .answer(request);
        }
    }
}
