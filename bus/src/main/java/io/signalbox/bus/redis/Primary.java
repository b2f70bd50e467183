package io.signalbox.bus.redis;

import io.signalbox.bus.redis.RedisFailure.Reason;
import io.vertx.core.Future;
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

    /** Completes after the first trial of each connection; never fails. */
    Future<Void> start() {
        List<Future<Void>> trials = new ArrayList<>();
        all().forEach(connection -> trials.add(connection.start()));
        return Future.join(trials).mapEmpty();
    }

    /** Thread-safe. */
    boolean isUp() {
        return up;
    }

    /** Goes out with the next {@link #flush}. */
    void send(PendingCommand command) {
        HeldConnection held = connections.get(command.slot() % connections.size());
        Optional<RespConnection> open = held.current();
        if (open.isEmpty()) {
            command.fail(Reason.NOT_SENT, "Redis cannot be reached: " + held.trouble());
        } else if (!open.get().hasRoomFor(command.bytes())) {
            command.fail(Reason.NOT_SENT, open.get().address() + ": too much is under way");
        } else if (command.replicas() == 0 || beginWatch(command, held.run())) {
            send(command, open.get());
        }
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
