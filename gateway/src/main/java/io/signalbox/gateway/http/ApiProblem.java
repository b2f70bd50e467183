package io.signalbox.gateway.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;

/**
 * A refusal as problem details (RFC 9457). {@code type} and {@code code} are from the codes table, so that a program can
 * tell them apart; {@code instance} is the request's id, which the log has too.
 */
record ApiProblem(int status, Code code, String detail, Duration retryAfter) {
    private static final Duration DEFAULT_RETRY = Duration.ofSeconds(1);

    static ApiProblem of(ServiceException refusal) {
        Duration retry = refusal.retryAfter().isZero() ? DEFAULT_RETRY : refusal.retryAfter();
        return new ApiProblem(refusal.code().httpStatus(), refusal.code(), refusal.getMessage(), retry);
    }

    static ApiProblem of(Code code, String detail) {
        return of(new ServiceException(code, detail));
    }

    /** For what HTTP itself refuses and no code says exactly. */
    static ApiProblem of(int status, Code code, String detail) {
        return new ApiProblem(status, code, detail, DEFAULT_RETRY);
    }

    void answer(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.headWritten()) {
            request.request().connection().close();
            return;
        }
        if (code.retry()) {
            response.putHeader("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())));
        }
        if (status == 401) {
            response.putHeader("WWW-Authenticate", "Bearer");
        }
        response.setStatusCode(status)
                .putHeader("Content-Type", "application/problem+json")
                .end(body(RequestIds.of(request)).toString());
    }

    /** Of one of many things that a request asks for. */
    ObjectNode ofOne() {
        return code.retry() ? members().put("retryAfterMs", retryAfter.toMillis()) : members();
    }

    private ObjectNode body(String requestId) {
        return members().put("instance", "urn:signalbox:request:" + requestId);
    }

    private ObjectNode members() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "urn:signalbox:code:" + code.number())
                .put("title", title())
                .put("status", status)
                .put("detail", detail)
                .put("code", code.name());
    }

    /** {@code NO_SUCH_SKILL} reads as "No such skill". */
    private String title() {
        String words = code.name().replace('_', ' ').toLowerCase(Locale.ROOT);
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }
}
