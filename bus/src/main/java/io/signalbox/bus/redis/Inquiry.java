package io.signalbox.bus.redis;

import io.signalbox.config.Secret;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;

/** Questions to a sentinel or a node of a cluster, on a connection for them alone. */
final class Inquiry {
    private Inquiry() {}

    /** To be called on the link's event loop. @return fails when there is no answer within the timeout */
    static Future<Response> ask(LinkMeans means, ServerAddress address, Secret password, Request question) {
        return ask(means, address, password, List.of(question)).map(List::getFirst);
    }

    /** Like the other, one after the other. */
    static Future<List<Response>> ask(
            LinkMeans means, ServerAddress address, Secret password, List<Request> questions) {
        return RespConnection.connect(means.client(), address)
                .compose(connection -> means.limited(
                                logIn(connection, password).compose(welcome -> askAll(connection, questions)))
                        .onComplete(answered -> connection.close()));
    }

    private static Future<List<Response>> askAll(RespConnection connection, List<Request> questions) {
        List<Response> answers = new ArrayList<>();
        Future<Void> asked = Future.succeededFuture();
        for (Request question : questions) {
            asked = asked.compose(before -> connection.ask(question)).compose(answer -> {
                answers.add(answer);
                return Future.succeededFuture();
            });
        }
        return asked.map(all -> answers);
    }

    private static Future<Response> logIn(RespConnection connection, Secret password) {
        return password.reveal().isEmpty()
                ? Future.succeededFuture()
                : connection.ask(Request.cmd(Command.AUTH).arg(password.reveal()));
    }
}
