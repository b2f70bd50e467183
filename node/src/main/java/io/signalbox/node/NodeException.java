package io.signalbox.node;

/** The node cannot start. The message says what is wrong and what to do, for the operator, without a stack trace. */
public final class NodeException extends RuntimeException {
    public NodeException(String message) {
        super(message);
    }

    public NodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
