package io.signalbox.codecs;

import java.util.Objects;

/** The one error a decoder raises: the input is not of the protocol or exceeds a limit. */
public final class CodecException extends Exception {
    private final Code code;

    public CodecException(Code code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code);
    }

    public CodecException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code);
    }

    /** {@link Code#MALFORMED} or {@link Code#TOO_LARGE}. */
    public Code code() {
        return code;
    }
}
