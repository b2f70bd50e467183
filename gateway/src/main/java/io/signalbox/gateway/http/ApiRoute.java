package io.signalbox.gateway.http;

import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * An operation of the API.
 *
 * @param path in OpenAPI's form, {@code /v1/tasks/{id}}
 * @param role who may; empty: anybody
 */
record ApiRoute(HttpMethod method, String path, Optional<Identity.Role> role, Handler<RoutingContext> handler) {
    static ApiRoute open(HttpMethod method, String path, Handler<RoutingContext> handler) {
        return new ApiRoute(method, path, Optional.empty(), handler);
    }

    static ApiRoute of(HttpMethod method, String path, Identity.Role role, Handler<RoutingContext> handler) {
        return new ApiRoute(method, path, Optional.of(role), handler);
    }

    /** The router's form, {@code /v1/tasks/:id}. */
    String routerPath() {
        return path.replaceAll("\\{([a-zA-Z]+)}", ":$1");
    }
}
