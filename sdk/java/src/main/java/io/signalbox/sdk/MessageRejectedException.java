package io.signalbox.sdk;

/** For a message handler to throw: this durable message can never be handled. It goes to the dead letters with the reason. */
public final class MessageRejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MessageRejectedException(String reason) {
        super(reason);
    }

    public MessageRejectedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
