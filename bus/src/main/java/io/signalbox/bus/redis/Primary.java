package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The held connections to one primary. Commands with the same tag use the same one. Confined to the link's event loop, but
 * for {@link #isUp}.
 */
final class Primary {
    private static final Logger log = LoggerFactory.getLogger(Primary.class);

    /** Is told what concerns more than this server. */
    interface Listener {
        /** It is whole again after it was lost. */
        void recovered();

        /** A connection was lost or could not be opened. */
        void troubled();

        /** The server does not have the slot (any more); nothing was done. */
        void redirected(PendingCommand command, ErrorReply reply);
    }

    private final Listener listener;
    private final List<HeldConnection> connections = new ArrayList<>();
    private final HeldConnection waiting;
    private final ReplicaWatch replicas;
    private final Availability availability;
    private String trouble = "";
    private volatile boolean up;

    /**
     * @param count of the connections for commands
     * @param locator tells where the server is, before each trial to connect
     */
    Primary(LinkMeans means, int count, Supplier<Future<ServerAddress>> locator, Listener listener) {
        this.listener = listener;
        this.availability = new Availability(count + 1);
        for (int i = 0; i < count; i++) {
            connections.add(new HeldConnection(means, locator, new ConnectionListener()));
        }
        this.waiting = new HeldConnection(means, locator, new ConnectionListener());
        this.replicas =
                new ReplicaWatch(waiting, means::afterThisTurn, means.timeout().dividedBy(2));
    }

    /** For {@link Listener#recovered}: that it is reached for the first time is news, too. */
    void takesThePlaceOfAnother() {
        availability.failed();
    }

    /** Completes as {@link #tried}. */
    Future<Void> start() {
        all().forEach(HeldConnection::open);
        return tried();
    }

    /** Completes after the first trial of each connection; never fails. */
    Future<Void> tried() {
        return Future.join(all().stream().map(HeldConnection::tried).toList()).mapEmpty();
    }

    /** Thread-safe. */
    boolean isUp() {
        return up;
    }

    /** Goes out with the next {@link #flush}. */
    void send(PendingCommand command) {
        connectionFor(command).ifPresent(connection -> send(command, connection));
    }

    /** Like {@link #send}, of a command whose slot is on its way to this server. */
    void sendAsking(PendingCommand command) {
        connectionFor(command).ifPresent(connection -> {
            connection.send(Request.cmd(Command.ASKING), 0, (response, failure) -> {});
            send(command, connection);
        });
    }

    /** Empty: it cannot be sent now and has failed. */
    private Optional<RespConnection> connectionFor(PendingCommand command) {
        HeldConnection held = heldFor(command.slot());
        Optional<RespConnection> open = held.current();
        if (open.isEmpty()) {
            command.fail(Reason.NOT_SENT, "Redis cannot be reached: " + held.trouble());
        } else if (!open.get().hasRoomFor(command.bytes())
                || command.replicas() > 0 && !replicas.hasRoomFor(command.bytes())) {
            command.fail(Reason.NOT_SENT, open.get().address() + ": too much is under way");
            return Optional.empty();
        } else if (command.replicas() > 0 && !beginWatch(command, held.run())) {
            return Optional.empty();
        }
        return open;
    }

    private HeldConnection heldFor(int slot) {
        return connections.get(slot % connections.size());
    }

    private void send(PendingCommand command, RespConnection connection) {
        connection.send(command.request(), command.bytes(), (response, failure) -> {
            if (failure != null) {
                command.fail(failure);
            } else {
                answered(command, response, connection);
            }
        });
    }

    /** @return false: nothing of that slot is under way, or ever will be again */
    boolean afterAllUnderWay(int slot, Runnable action) {
        Optional<RespConnection> open = heldFor(slot).current();
        open.ifPresent(connection -> {
            connection.send(Request.cmd(Command.PING), 0, (response, failure) -> action.run());
            connection.flush();
        });
        return open.isPresent();
    }

    private boolean beginWatch(PendingCommand command, String run) {
        OptionalLong watch = replicas.begin(run);
        watch.ifPresentOrElse(
                command::watchedBy,
                () -> command.fail(Reason.NOT_SENT, "its replicas cannot be asked: " + waiting.trouble()));
        return watch.isPresent();
    }

    private void answered(PendingCommand command, Response response, RespConnection from) {
        if (RespConnection.isError(response)) {
            refused(command, response.toString(), from);
        } else if (command.replicas() == 0) {
            command.complete(response);
        } else {
            replicas.await(command, response);
        }
    }

    private void refused(PendingCommand command, String text, RespConnection from) {
        ErrorReply reply = ErrorReply.of(text, from.address());
        switch (reply) {
            case ErrorReply.Refused() -> command.fail(Reason.REFUSED, text);
            case ErrorReply.NotNow() -> command.fail(Reason.NOT_SENT, text);
            case ErrorReply.Demoted() -> {
                command.fail(Reason.NOT_SENT, text);
                from.close();
            }
            case ErrorReply.Moved moved -> listener.redirected(command, moved);
            case ErrorReply.Ask ask -> listener.redirected(command, ask);
        }
    }

    void flush() {
        connections.forEach(connection -> connection.current().ifPresent(RespConnection::flush));
    }

    void tick() {
        all().forEach(HeldConnection::tick);
    }

    /** Where it is has changed. */
    void reopen() {
        all().forEach(HeldConnection::reopen);
    }

    void close() {
        up = false;
        all().forEach(HeldConnection::close);
    }

    private List<HeldConnection> all() {
        List<HeldConnection> all = new ArrayList<>(connections);
        all.add(waiting);
        return all;
    }

    private final class ConnectionListener implements HeldConnection.Listener {
        @Override
        public void opened(ServerAddress address) {
            boolean recovered = availability.opened();
            up = availability.isUp();
            if (recovered) {
                log.info("Redis at {} takes commands again", address);
                trouble = "";
                listener.recovered();
            }
        }

        @Override
        public void lost() {
            availability.lost();
            up = false;
        }

        @Override
        public void failed(String cause) {
            availability.failed();
            if (!cause.equals(trouble)) {
                log.warn("Redis cannot be reached: {}", cause);
                trouble = cause;
            }
            listener.troubled();
        }
    }
}
