package io.signalbox.gateway.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Times requests by operation, never by what they name. */
record ApiMeters(MeterRegistry meters) {
    private static final Logger log = LoggerFactory.getLogger(ApiMeters.class);

    /** @param operation the route's template; {@code other} for everything that is none */
    Handler<RoutingContext> time(String method, String operation) {
        return request -> {
            Timer.Sample sample = Timer.start(meters);
            request.addEndHandler(done -> {
                int status = request.response().getStatusCode();
                sample.stop(Timer.builder("signalbox.gateway.http")
                        .description("HTTP requests, to the end of the answer")
                        .tag("method", method)
                        .tag("operation", operation)
                        .tag("status", status / 100 + "xx")
                        .register(meters));
                log.debug(
                        "{} {} {} {}", RequestIds.of(request), request.request().method(), operation, status);
            });
            request.next();
        };
    }
}
