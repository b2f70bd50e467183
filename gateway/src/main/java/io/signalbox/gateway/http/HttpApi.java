package io.signalbox.gateway.http;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.gateway.agent.AgentEndpoint;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The router of one event loop: every operation, the WebSocket's door, and what is refused. */
public final class HttpApi {
    private static final String CONNECT = "/v1/connect";
    private static final long ROOM_AROUND_INPUT = 64 * 1024;
    private static final long MAX_DEFINITION = 1024 * 1024;

    private final ApiParts parts;
    private final TaskEventStreams streams;
    private final List<ApiRoute> routes = new ArrayList<>();

    /** Call on the event loop. */
    public HttpApi(ApiParts parts, Vertx vertx) {
        this.parts = parts;
        ServiceCalls services =
                new ServiceCalls(parts.services(), parts.busConfig().requestTimeout());
        this.streams = new TaskEventStreams(
                services,
                parts.bus(),
                vertx.getOrCreateContext(),
                parts.busConfig().maxQueued());
        routes.addAll(new RegistryRoutes(services).routes());
        routes.addAll(new RolloutRoutes(services).routes());
        long maxInput = parts.config().maxPayload().bytes();
        routes.addAll(new TaskRoutes(services, streams, maxInput).routes());
        routes.addAll(new ScheduleRoutes(services, maxInput).routes());
        routes.addAll(new DeadLetterRoutes(services).routes());
        routes.addAll(new LockRoutes(services).routes());
        routes.addAll(new FleetRoutes(services).routes());
        routes.addAll(new NodeRoutes(services).routes());
        routes.addAll(new HealthRoutes(services, parts.lacking(), parts.scrape()).routes());
        routes.addAll(new DocsRoutes().routes());
    }

    /** @param door gets the upgrades to a WebSocket */
    public Router router(Vertx vertx, AgentEndpoint door) {
        Router router = Router.router(vertx);
        router.route().handler(new RequestIds(parts.clock(), parts.random()));
        // Before anything reads: an upgrade's connection is handed over as it is.
        router.route(CONNECT).handler(request -> connect(request, door));
        if (!parts.config().allowedOrigins().isEmpty()) {
            CorsHandler cors = cors();
            // It knows the allowed origins alone and would refuse the pages that this node serves itself.
            router.route().handler(request -> {
                if (Access.isFromOwnPage(request.request())) {
                    request.next();
                } else {
                    cors.handle(request);
                }
            });
        }
        router.route().handler(parts.access().checkSource());
        router.route().handler(BodyHandler.create(false).setBodyLimit(maxBody()));
        ApiMeters meters = new ApiMeters(parts.meters());
        routes.forEach(route -> add(router, route, meters));
        // For people who type the node's address into a browser.
        router.get("/")
                .handler(request -> request.response()
                        .setStatusCode(302)
                        .putHeader("Location", "docs")
                        .end());
        router.route().handler(meters.time("any", "other"));
        router.route().handler(this::refuseUnknown);
        errors(router);
        return router;
    }

    private void connect(RoutingContext request, AgentEndpoint door) {
        parts.access()
                .sourceFault(request.request())
                .ifPresentOrElse(
                        fault -> ApiProblem.of(Code.FORBIDDEN, fault).answer(request),
                        () -> door.handle(request.request()));
    }

    private CorsHandler cors() {
        CorsHandler cors = CorsHandler.create()
                .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE))
                .allowedHeaders(
                        Set.of("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "traceparent"))
                .exposedHeaders(Set.of("Location", "Retry-After", "X-Request-Id", "Idempotency-Replayed"));
        parts.config().allowedOrigins().forEach(cors::addOrigin);
        return cors;
    }

    private long maxBody() {
        return Math.max(MAX_DEFINITION, parts.config().maxPayload().bytes() * 4 / 3) + ROOM_AROUND_INPUT;
    }

    private void add(Router router, ApiRoute route, ApiMeters meters) {
        Route added = router.route(route.method(), route.routerPath());
        added.handler(meters.time(route.method().name(), route.path()));
        route.role().ifPresent(role -> added.handler(parts.access().require(role)));
        if (route.method() == HttpMethod.POST) {
            added.handler(HttpApi::wantJson);
        }
        added.handler(request -> perform(route, request));
    }

    /** So that a page cannot post here without the browser asking first. */
    private static void wantJson(RoutingContext request) {
        String type = request.request().getHeader("Content-Type");
        boolean json = type != null && type.toLowerCase(Locale.ROOT).startsWith("application/json");
        boolean empty = request.body().length() <= 0;
        if (json || empty && type == null) {
            request.next();
        } else {
            ApiProblem.of(415, Code.MALFORMED, "send Content-Type: application/json")
                    .answer(request);
        }
    }

    private static void perform(ApiRoute route, RoutingContext request) {
        try {
            route.handler().handle(request);
        } catch (ServiceException e) {
            ServiceCalls.refuse(request, e);
        }
    }

    private void refuseUnknown(RoutingContext request) {
        String path = request.normalizedPath();
        List<String> methods = routes.stream()
                .filter(route -> path.matches(route.path().replaceAll("\\{[a-zA-Z]+}", "[^/]+")))
                .map(route -> route.method().name())
                .distinct()
                .toList();
        if (methods.isEmpty()) {
            ApiProblem.of(Code.NOT_FOUND, "there is nothing at " + path).answer(request);
        } else {
            request.response().putHeader("Allow", String.join(", ", methods));
            ApiProblem.of(405, Code.UNSUPPORTED, path + " takes " + String.join(", ", methods))
                    .answer(request);
        }
    }

    private void errors(Router router) {
        router.errorHandler(
                413,
                request -> ApiProblem.of(Code.TOO_LARGE, "a body may have " + maxBody() + " bytes")
                        .answer(request));
        router.errorHandler(
                400,
                request -> ApiProblem.of(Code.MALFORMED, "the request is malformed")
                        .answer(request));
        router.errorHandler(
                403,
                request -> ApiProblem.of(Code.FORBIDDEN, "this origin may not use this node")
                        .answer(request));
        router.errorHandler(500, request -> ServiceCalls.refuse(request, request.failure()));
    }

    /** For the check against the OpenAPI document. */
    List<ApiRoute> routes() {
        return List.copyOf(routes);
    }

    public void close() {
        streams.close();
    }
}
