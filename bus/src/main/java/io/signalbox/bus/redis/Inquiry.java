package io.signalbox.bus.redis;

import io.signalbox.config.Secret;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** One question to a sentinel or a node of a cluster, on a connection for it alone. */
final class Inquiry {
    private Inquiry() {}

    /** To be called on the link's event loop. @return fails when there is no answer within the timeout */
    static Future<Response> ask(LinkMeans means, ServerAddress address, Secret password, Request question) {
        return RespConnection.connect(means.client(), address)
                .compose(connection -> means.limited(
                                logIn(connection, password).compose(welcome -> connection.ask(question)))
                        .onComplete(answered -> connection.close()));
    }

    private static Future<Response> logIn(RespConnection connection, Secret password) {
        return password.reveal().isEmpty()
                ? Future.succeededFuture()
                : connection.ask(Request.cmd(Command.AUTH).arg(password.reveal()));
    }
}
