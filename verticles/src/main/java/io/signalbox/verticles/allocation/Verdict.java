package io.signalbox.verticles.allocation;

import io.signalbox.codecs.Code;

/** What the {@link TaskBroker} says to a wish to end an assignment or a task. */
sealed interface Verdict {
    /** Store it, then tell the broker. */
    record Accepted(Settlement settlement) implements Verdict {}

    record Refused(Code code, String reason) implements Verdict {}

    /** The task is not open: the store knows how it ended. */
    record NotOpen() implements Verdict {}
}
