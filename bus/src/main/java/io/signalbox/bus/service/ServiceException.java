package io.signalbox.bus.service;

import io.signalbox.codecs.Code;
import java.time.Duration;
import java.util.Objects;

/** A service's refusal, as a numbered error. Without stack trace: it is an answer, not a fault. */
public final class ServiceException extends RuntimeException {
    private final Code code;
    private final Duration retryAfter;

    public ServiceException(Code code, String message) {
        this(code, message, Duration.ZERO);
    }

    /** @param retryAfter zero: see {@link Code#retry} */
    public ServiceException(Code code, String message, Duration retryAfter) {
        super(message, null, false, false);
        this.code = Objects.requireNonNull(code);
        this.retryAfter = Objects.requireNonNull(retryAfter);
    }

    public Code code() {
        return code;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
