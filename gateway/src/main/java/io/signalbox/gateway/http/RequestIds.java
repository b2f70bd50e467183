package io.signalbox.gateway.http;

import io.signalbox.codecs.UuidV7;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Gives each request an id, which goes back in {@code X-Request-Id} and stands in problems and logs. */
record RequestIds(InstantSource clock, RandomGenerator random) implements Handler<RoutingContext> {
    private static final String KEY = RequestIds.class.getName();

    @Override
    public void handle(RoutingContext request) {
        String id = UuidV7.next(clock.millis(), random).toString();
        request.put(KEY, id);
        request.response().putHeader("X-Request-Id", id);
        request.next();
    }

    static String of(RoutingContext request) {
        return Optional.ofNullable(request.<String>get(KEY)).orElse("unknown");
    }
}
