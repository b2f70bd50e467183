package io.signalbox.bus.retained;

/** There are as many retained messages or bytes of them as there may be; nothing was done. */
public final class RetainedFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RetainedFullException(String message) {
        super(message);
    }
}
