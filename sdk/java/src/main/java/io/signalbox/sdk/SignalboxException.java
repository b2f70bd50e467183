package io.signalbox.sdk;

import io.signalbox.codecs.Code;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** The node refused, or could not be asked. {@link Code#retry} of the code tells whether the same call can succeed later. */
public final class SignalboxException extends RuntimeException {
    private final Code code;
    private final Duration retryAfter;

    public SignalboxException(Code code, String message) {
        this(code, message, Duration.ZERO);
    }

    SignalboxException(Code code, String message, Duration retryAfter) {
        super(message);
        this.code = Objects.requireNonNull(code);
        this.retryAfter = Objects.requireNonNull(retryAfter);
    }

    SignalboxException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code);
        this.retryAfter = Duration.ZERO;
    }

    /** The same, with the stack of whoever waited for it. */
    static SignalboxException heardBy(ExecutionException e) {
        SignalboxException cause = (SignalboxException) e.getCause();
        return new SignalboxException(cause.code(), cause.getMessage(), cause);
    }

    public Code code() {
        return code;
    }

    /** When to try again; zero: the node did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
