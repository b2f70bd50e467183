package io.signalbox.gateway.agent;

import io.vertx.core.http.HttpServerRequest;

/** Why a connection is not taken over. */
record Refusal(int status, String reason) {
    private static final int RETRY_AFTER_SECONDS = 2;

    void answer(HttpServerRequest request) {
        if (status == 503) {
            request.response().putHeader("Retry-After", Integer.toString(RETRY_AFTER_SECONDS));
        }
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .putHeader("Sec-WebSocket-Version", "13")
                .end(reason + "\n");
    }
}
