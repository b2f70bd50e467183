package io.signalbox.gateway.http;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.signalbox.config.GatewayConfig;
import io.signalbox.gateway.identity.AuthenticationException;
import io.signalbox.gateway.identity.Authenticator;
import io.signalbox.gateway.identity.Identity;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.Optional;

/**
 * Who may ask: checks where a browser's request comes from, and what a token allows. A node without a key is open to
 * local processes, so it answers to local names alone; otherwise a page of some other name that resolves to loopback could
 * use it.
 */
public final class Access {
    private static final String KEY = Access.class.getName();

    private final GatewayConfig config;
    private final Authenticator authenticator;
    private final boolean localOnly;

    /** @param localOnly the node has no key */
    public Access(GatewayConfig config, Authenticator authenticator, boolean localOnly) {
        this.config = config;
        this.authenticator = authenticator;
        this.localOnly = localOnly;
    }

    /** For every request. */
    Handler<RoutingContext> checkSource() {
        return request -> {
            Optional<String> fault = sourceFault(request.request());
            if (fault.isPresent()) {
                ApiProblem.of(Code.FORBIDDEN, fault.get()).answer(request);
            } else {
                request.next();
            }
        };
    }

    /** What is wrong with the request's Host or Origin; also asked for WebSocket upgrades. */
    Optional<String> sourceFault(HttpServerRequest request) {
        HostAndPort host = request.authority();
        if (localOnly && (host == null || !isLocal(host.host()))) {
            return Optional.of("this node has no key and answers to local names alone, such as 127.0.0.1");
        }
        String origin = request.getHeader("Origin");
        if (origin == null || config.allowedOrigins().contains(origin) || isOwn(origin, host)) {
            return Optional.empty();
        }
        return Optional.of("pages of " + origin + " may not use this node; see gateway.allowed-origins");
    }

    /** Whether the request is from a page that this node serves itself. */
    static boolean isFromOwnPage(HttpServerRequest request) {
        String origin = request.getHeader("Origin");
        return origin != null && isOwn(origin, request.authority());
    }

    private static boolean isLocal(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
                || host.equals("::1")
                || host.equals("[::1]");
    }

    private static boolean isOwn(String origin, HostAndPort host) {
        try {
            URI page = URI.create(origin);
            return host != null
                    && host.host().equalsIgnoreCase(page.getHost())
                    && (host.port() == page.getPort() || host.port() <= 0 && page.getPort() < 0);
        } catch (IllegalArgumentException e) {
            return false; // "null", or no origin at all
        }
    }

    /** Lets through who has the role. */
    Handler<RoutingContext> require(Identity.Role role) {
        return request -> {
            try {
                Identity identity = authenticator.authenticate(bearer(request.request()));
                if (identity.roles().contains(role)) {
                    request.put(KEY, identity);
                    request.next();
                } else {
                    ApiProblem.of(Code.FORBIDDEN, identity.subject() + " has not the role that this needs: " + role)
                            .answer(request);
                }
            } catch (AuthenticationException e) {
                ApiProblem.of(e.code(), e.getMessage()).answer(request);
            }
        };
    }

    private static String bearer(HttpServerRequest request) throws AuthenticationException {
        String header = request.getHeader("Authorization");
        if (header == null) {
            return "";
        }
        if (!header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            throw new AuthenticationException(Code.UNAUTHENTICATED, "the Authorization header must be a bearer token");
        }
        return header.substring(7).trim();
    }

    /** Of a request that {@link #require} let through. */
    static Identity identity(RoutingContext request) {
        return Optional.ofNullable(request.<Identity>get(KEY))
                .orElseThrow(() -> new ServiceException(Code.UNAUTHENTICATED, "a token is needed here"));
    }
}
