package io.signalbox.bus.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** A connection that is made again whenever it is lost. Confined to the link's event loop. */
final class HeldConnection {
    /** Is told what becomes of it. */
    interface Listener {
        void opened(ServerAddress address);

        /** It was open and is not any more; {@link #failed} follows. */
        void lost();

        /** It is not open; the next trial comes by itself. */
        void failed(String cause);
    }

    private final LinkMeans means;
    private final Supplier<Future<ServerAddress>> locator;
    private final Listener listener;
    private final Promise<Void> tried = Promise.promise();
    private Optional<RespConnection> current = Optional.empty();
    private Optional<Handshake.Session> session = Optional.empty();
    private String trouble = "it was not reached yet";
    private OptionalLong retry = OptionalLong.empty();
    private int failures;
    private long opened;

    /** How often the server turned out to be somewhere else. */
    private int moves;

    private boolean closed;

    /** @param locator asked for the server before each trial */
    HeldConnection(LinkMeans means, Supplier<Future<ServerAddress>> locator, Listener listener) {
        this.means = means;
        this.locator = locator;
        this.listener = listener;
    }

    /** Completes after the first trial; never fails. */
    Future<Void> tried() {
        return tried.future();
    }

    Optional<RespConnection> current() {
        return current;
    }

    /** Why it is not open. */
    String trouble() {
        return trouble;
    }

    /** Another number after each time that it was opened. */
    long generation() {
        return opened;
    }

    /** Which run of the server it leads to, or led to last. */
    String run() {
        return session.map(Handshake.Session::run).orElse("");
    }

    void tick() {
        current.ifPresent(RespConnection::tick);
    }

    /** The server is somewhere else now. */
    void reopen() {
        failures = 0;
        moves++;
        current.ifPresent(RespConnection::close);
        if (retry.isPresent()) {
            means.cancel(retry.getAsLong());
            retryNow();
        }
    }

    void close() {
        closed = true;
        trouble = "the link is closed";
        current.ifPresent(RespConnection::close);
        tried.tryComplete();
    }

    /** To be called once. */
    void open() {
        int before = moves;
        locator.get()
                .compose(address -> RespConnection.connect(means.client(), address)
                        .compose(connection -> shakeHands(connection, before))
                        .recover(cause -> Future.failedFuture(address + ": " + cause.getMessage())))
                .onComplete((connection, cause) -> {
                    if (cause != null) {
                        failed(cause.getMessage());
                    }
                    tried.tryComplete();
                });
    }

    private Future<RespConnection> shakeHands(RespConnection connection, int before) {
        return means.limited(means.handshake().with(connection, session))
                .compose(agreed -> stillThere(before, agreed))
                .onFailure(cause -> connection.close())
                .map(agreed -> {
                    take(connection, agreed);
                    return connection;
                });
    }

    /** A former primary that was started again takes commands, too, until it is told that it was replaced. */
    private Future<Handshake.Session> stillThere(int before, Handshake.Session agreed) {
        return moves == before
                ? Future.succeededFuture(agreed)
                : Future.failedFuture("the primary is another one meanwhile");
    }

    private void take(RespConnection connection, Handshake.Session agreed) {
        if (closed) {
            connection.close();
            return;
        }
        connection.onEnd(this::lost);
        current = Optional.of(connection);
        session = Optional.of(agreed);
        opened++;
        failures = 0;
        listener.opened(connection.address());
    }

    private void lost(String cause) {
        String address = current.map(RespConnection::address)
                .map(ServerAddress::toString)
                .orElse("");
        current = Optional.empty();
        if (!closed) {
            listener.lost();
            failed(address + ": " + cause);
        }
    }

    private void failed(String cause) {
        if (closed) {
            return;
        }
        trouble = cause;
        failures++;
        listener.failed(cause);
        retry = OptionalLong.of(means.after(Backoff.after(failures, means.random()), this::retryNow));
    }

    private void retryNow() {
        retry = OptionalLong.empty();
        if (!closed) {
            open();
        }
    }
}
