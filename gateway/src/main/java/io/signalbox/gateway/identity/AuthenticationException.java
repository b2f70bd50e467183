package io.signalbox.gateway.identity;

import io.signalbox.codecs.Code;
import java.util.Objects;

/** The token was refused, with {@link Code#UNAUTHENTICATED} or {@link Code#TOKEN_EXPIRED}. Its message is safe to show to the client. */
public final class AuthenticationException extends Exception {
    private final Code code;

    public AuthenticationException(Code code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code);
    }

    public Code code() {
        return code;
    }
}
