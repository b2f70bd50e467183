package io.signalbox.load.dialect;

/** A peer that does not talk as it should, or that ended the conversation. */
public final class DialectException extends Exception {
    private static final long serialVersionUID = 1L;

    public DialectException(String message) {
        super(message, null, false, false);
    }
}
