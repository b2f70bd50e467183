package io.signalbox.bus.redis;

/** Why a command has no answer. */
public final class RedisFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is known of the command. */
    public enum Reason {
        /**
         * Nothing was done, another trial may succeed: it was not sent, or to a server that takes no such commands now (it
         * loads its data, is no primary any more, lost a part of its cluster).
         */
        NOT_SENT,
        /** It was sent and no answer came: whether it was done is unknown. */
        UNKNOWN,
        /** Redis refused it; the message begins with Redis' own error word, such as {@code OOM}. */
        REFUSED,
        /** It was done, but not on as many replicas as wanted, as far as is known. */
        UNREPLICATED
    }

    private final Reason reason;

    public RedisFailure(Reason reason, String message) {
        this(reason, message, null);
    }

    /** Without a stack trace: it would lead into an event loop, and one lost connection fails thousands of commands. */
    public RedisFailure(Reason reason, String message, Throwable cause) {
        super(message, cause, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
