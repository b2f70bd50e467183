package io.signalbox.verticles.postgres;

import io.signalbox.bus.service.ServiceException;
import io.signalbox.codecs.Code;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** A statement failed, in one of the ways that callers have to tell apart. */
public final class StoreException extends RuntimeException {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    public enum Kind {
        /** The store is away; nothing was done. */
        UNAVAILABLE,
        /** The connection or the time was over before the answer came: it may have been done. */
        OUTCOME_UNKNOWN,
        /** Another node has taken over what was written to; nothing was done, and will not be. */
        FENCED,
        /** The statement or the data is at fault; it will fail again. */
        FAULT
    }

    private final Kind kind;

    StoreException(Kind kind, Throwable cause) {
        super(kind + ": " + cause.getMessage(), cause);
        this.kind = kind;
    }

    static StoreException of(Throwable cause) {
        return switch (cause) {
            case StoreException known -> known;
            case PgException refused -> new StoreException(kindOfState(refused.getSqlState()), cause);
            case TimeoutException ignored -> new StoreException(Kind.OUTCOME_UNKNOWN, cause);
            case ClosedConnectionException ignored -> new StoreException(Kind.OUTCOME_UNKNOWN, cause);
            case IOException ignored -> new StoreException(Kind.UNAVAILABLE, cause);
            // What the client says when a connection could not be made, or died while it was being made.
            case VertxException ignored -> new StoreException(Kind.UNAVAILABLE, cause);
            default -> new StoreException(Kind.FAULT, cause);
        };
    }

    /** By class of the SQLSTATE (PostgreSQL manual, appendix A). */
    private static Kind kindOfState(String state) {
        return switch (String.valueOf(state)) {
            // cancelled by the statement timeout, shut down, crashed: the commit may have come before
            case "57014", "57P01", "57P02" -> Kind.OUTCOME_UNKNOWN;
            // hung within a transaction, which was rolled back
            case "25P03" -> Kind.UNAVAILABLE;
            // raised by hold_shards
            case "SB001" -> Kind.FENCED;
            default ->
                switch (String.valueOf(state).substring(0, 2)) {
                    // connection, rollback by conflict, resources (disk full, too many connections), starting up
                    case "08", "40", "53", "57", "58" -> Kind.UNAVAILABLE;
                    default -> Kind.FAULT;
                };
        };
    }

    public Kind kind() {
        return kind;
    }

    /** What the one who asked is told. */
    public ServiceException refusal() {
        return switch (kind) {
            case UNAVAILABLE ->
                new ServiceException(Code.UNAVAILABLE, "the store is away; nothing was done, try again", RETRY_AFTER);
            case OUTCOME_UNKNOWN ->
                new ServiceException(
                        Code.TIMEOUT,
                        "the store did not answer; repeat the request, with the same idempotency key if it had one",
                        RETRY_AFTER);
            case FENCED ->
                new ServiceException(
                        Code.UNAVAILABLE, "another node has taken over; nothing was done, try again", RETRY_AFTER);
            case FAULT -> new ServiceException(Code.UNAVAILABLE, "the store refused the statement; see the node's log");
        };
    }
}
