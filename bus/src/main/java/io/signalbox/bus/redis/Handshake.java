package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.signalbox.config.Secret;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Brings a new connection to where it may take commands. Confined to the link's event loop. */
final class Handshake {
    private static final String RUN_ID = "run_id:";

    private final Secret password;
    private final List<FunctionLibrary> libraries;
    private final RandomGenerator random;

    Handshake(Secret password, List<FunctionLibrary> libraries, RandomGenerator random) {
        this.password = password;
        this.libraries = libraries;
        this.random = random;
    }

    /**
     * What a connection is to its server.
     *
     * @param id a number that the server gave it
     * @param name one of ours, for numbers begin anew when a server is restarted
     * @param run of the server, another one after each start
     */
    record Session(long id, String name, String run) {}

    /**
     * Logs in, sees that it is a primary with its data loaded, makes sure of the functions.
     *
     * @param predecessor what it still has to read of that connection is not done any more: it would come after what is
     *     sent now
     */
    Future<Session> with(RespConnection connection, Optional<Session> predecessor) {
        String name = "signalbox-" + HexFormat.of().toHexDigits(random.nextLong());
        return hello(connection, name)
                .compose(id -> checkRole(connection)
                        .compose(primary -> connection.ask(Request.cmd(Command.PING)))
                        .compose(loaded -> runOf(connection))
                        .compose(run -> endPredecessor(connection, predecessor)
                                .compose(ended -> loadLibraries(connection))
                                .map(loaded -> new Session(id, name, run))));
    }

    private Future<Long> hello(RespConnection connection, String name) {
        Request hello = Request.cmd(Command.HELLO).arg("3");
        if (!password.reveal().isEmpty()) {
            hello.arg("AUTH").arg("default").arg(password.reveal());
        }
        return connection
                .ask(hello.arg("SETNAME").arg(name))
                .map(answer -> answer.get("id").toLong());
    }

    private static Future<Void> checkRole(RespConnection connection) {
        return connection.ask(Request.cmd(Command.ROLE)).compose(role -> {
            String name = role.get(0).toString();
            return name.equals("master")
                    ? Future.succeededFuture()
                    : Future.failedFuture(new RedisFailure(Reason.REFUSED, "it is no primary but a " + name));
        });
    }

    private static Future<String> runOf(RespConnection connection) {
        return connection
                .ask(Request.cmd(Command.INFO).arg("server"))
                .map(info -> info.toString()
                        .lines()
                        .filter(line -> line.startsWith(RUN_ID))
                        .map(line -> line.substring(RUN_ID.length()))
                        .findFirst()
                        .orElse(""));
    }

    private static Future<Void> endPredecessor(RespConnection connection, Optional<Session> predecessor) {
        if (predecessor.isEmpty()) {
            return Future.succeededFuture();
        }
        Session session = predecessor.get();
        return connection
                .ask(Request.cmd(Command.CLIENT).arg("LIST").arg("ID").arg(session.id()))
                .compose(clients -> clients.toString().contains("name=" + session.name() + " ")
                        ? connection
                                .ask(Request.cmd(Command.CLIENT)
                                        .arg("KILL")
                                        .arg("ID")
                                        .arg(session.id()))
                                .mapEmpty()
                        : Future.succeededFuture());
    }

    private Future<Void> loadLibraries(RespConnection connection) {
        Future<Void> loaded = Future.succeededFuture();
        for (FunctionLibrary library : libraries) {
            loaded = loaded.compose(before -> load(connection, library));
        }
        return loaded;
    }

    /** Only when it differs, for a load stops the server for a while. */
    private static Future<Void> load(RespConnection connection, FunctionLibrary library) {
        Request list = Request.cmd(Command.FUNCTION)
                .arg("LIST")
                .arg("LIBRARYNAME")
                .arg(library.name())
                .arg("WITHCODE");
        Request load = Request.cmd(Command.FUNCTION).arg("LOAD").arg("REPLACE").arg(library.code());
        return connection
                .ask(list)
                .compose(found -> isThere(found, library)
                        ? Future.succeededFuture()
                        : connection.ask(load).mapEmpty());
    }

    private static boolean isThere(Response found, FunctionLibrary library) {
        return found.size() == 1 && found.get(0).get("library_code").toString().equals(library.code());
    }
}
