package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;
import java.time.Duration;

/** What the {@link TaskBroker} says to a wish to end an assignment or a task. */
sealed interface Verdict {
    /** Store it, then tell the broker. */
    record Accepted(Settlement settlement) implements Verdict {}

    /** @param retryAfter zero: as the code says */
    record Refused(Code code, String reason, Duration retryAfter) implements Verdict {
        Refused(Code code, String reason) {
            this(code, reason, Duration.ZERO);
        }
    }

    /** The task is not open: the store knows how it ended. */
    record NotOpen() implements Verdict {}
}
