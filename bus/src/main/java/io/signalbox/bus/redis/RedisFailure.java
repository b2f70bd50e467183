package io.signalbox.bus.redis;

/** Why a command has no answer. */
public final class RedisFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is known of the command. */
    public enum Reason {
        /** It was not sent: nothing was done. */
        NOT_SENT,
        /** It was sent and no answer came: whether it was done is unknown. */
        UNKNOWN,
        /** Redis refused it; the message begins with Redis' own error word, such as {@code OOM}. */
        REFUSED,
        /** It was done, but not on as many replicas as wanted. */
        UNREPLICATED
    }

    private final Reason reason;

    public RedisFailure(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public RedisFailure(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
