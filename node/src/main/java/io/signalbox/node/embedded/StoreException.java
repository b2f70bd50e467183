package io.signalbox.node.embedded;

/** An embedded store cannot be started. The message says what is wrong and what to do, for the operator. */
public final class StoreException extends RuntimeException {
    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
