package io.signalbox.load.dialect;

/** A peer that does not talk as it should, or that ended the conversation. */
public final class DialectException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int retryAfterMs;

    public DialectException(String message) {
        this(message, 0);
    }

    /** @param retryAfterMs the peer wants the client back, but not sooner */
    public DialectException(String message, int retryAfterMs) {
        super(message, null, false, false);
        this.retryAfterMs = retryAfterMs;
    }

    public int retryAfterMs() {
        return retryAfterMs;
    }
}
