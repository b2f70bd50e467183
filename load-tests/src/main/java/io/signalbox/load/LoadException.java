package io.signalbox.load;

import java.io.IOException;

/** A load test that cannot go on, for a reason that its message explains in full to who started it. */
public final class LoadException extends IOException {
    private static final long serialVersionUID = 1L;

    public LoadException(String message) {
        super(message);
    }
}
